using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Juoku.Tests.Servers;

/// <summary>
/// The objects of the stand-in: one counter gives every change its resource version, and whoever names an old one is refused. What a write
/// does to an object is as in Kubernetes: no change, no new version; a lease is never updated without naming a version.
/// </summary>
internal sealed partial class ApiObjects
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (ResourceKey Key, JsonObject Value)> _objects = new(StringComparer.Ordinal);
    private readonly List<(long Version, string Type, ResourceKey Key, JsonObject Value)> _changes = [];
    private readonly List<AcceptedWrite> _writes = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version = 1000;
    private long _oldest = 1000;

    /// <summary>The writes that were taken, in order.</summary>
    public IReadOnlyList<AcceptedWrite> Writes
    {
        get
        {
            lock (_lock) return [.. _writes];
        }
    }

    public (JsonArray Items, long Version) List(string resource, string space, string? labels)
    {
        lock (_lock)
        {
            var items = new JsonArray();
            foreach ((ResourceKey key, JsonObject value) in _objects.Values)
                if (key.Resource == resource && (space.Length == 0 || key.Namespace == space) && Selects(labels, value)) items.Add(value.DeepClone());
            return (items, _version);
        }
    }

    public JsonObject Get(ResourceKey key)
    {
        lock (_lock) return Copy(Find(key) ?? throw ApiStatus.NotFound(key));
    }

    public JsonObject Create(ApiRequest request, JsonObject body)
    {
        lock (_lock)
        {
            JsonObject metadata = Metadata(body);
            if (metadata["resourceVersion"] is not null) throw ApiStatus.BadRequest("resourceVersion should not be set on objects to be created");
            metadata["name"] ??= $"{metadata["generateName"] ?? throw ApiStatus.Invalid("name or generateName is required")}{Guid.NewGuid():N}"[..^27];
            if (request.Namespace.Length > 0) metadata["namespace"] = request.Namespace;
            ResourceKey key = request.Key with { Name = metadata["name"]!.GetValue<string>() };
            if (Find(key) is not null) throw ApiStatus.Exists(key);
            metadata["uid"] = Guid.NewGuid().ToString();
            metadata["creationTimestamp"] = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", null);
            if (key.Resource == "deployments") metadata["generation"] = 1;
            return Store(key, body, request, "ADDED");
        }
    }

    /// <summary>Puts an object in place of what is there.</summary>
    public JsonObject Replace(ApiRequest request, JsonObject body)
    {
        lock (_lock)
        {
            ResourceKey key = request.Key;
            JsonObject old = Find(key) ?? throw ApiStatus.NotFound(key);
            if (key.Resource == "leases" && Version(body) is null) throw ApiStatus.Invalid("metadata.resourceVersion: Invalid value: 0: must be specified for an update");
            return Change(key, old, body, request);
        }
    }

    /// <summary>Changes an object by a merge patch.</summary>
    public JsonObject Patch(ApiRequest request, JsonObject patch)
    {
        lock (_lock)
        {
            JsonObject old = Find(request.Key) ?? throw ApiStatus.NotFound(request.Key);
            return Change(request.Key, old, (JsonObject)Merged(old, patch)!, request);
        }
    }

    public JsonObject Delete(ApiRequest request, string? version)
    {
        lock (_lock)
        {
            JsonObject old = Find(request.Key) ?? throw ApiStatus.NotFound(request.Key);
            if (version is not null && version != Version(old)) throw ApiStatus.Conflict(request.Key);
            _objects.Remove($"{request.Key}");
            return Note(request.Key, Copy(old), request, "DELETED");
        }
    }

    /// <summary>Changes an object behind everybody's back, as kubelets and other controllers do.</summary>
    public void Touch(ResourceKey key, Action<JsonObject> change) =>
        Patch(new ApiRequest("test", "patch", "", key.Resource, key.Namespace, key.Name), Changed(Get(key), change));

    /// <summary>Forgets the changes so far: who watches from there is told to list again.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            _changes.Clear();
            _oldest = _version;
        }
    }

    /// <summary>The changes since a version, and what ends when there is another.</summary>
    public (IReadOnlyList<(long Version, string Type, JsonObject Value)> Changes, long Version, Task Next) Since(long version, string resource, string space)
    {
        lock (_lock)
        {
            if (version < _oldest) throw ApiStatus.Gone(version, _oldest);
            var some = _changes.Where(change => change.Version > version && change.Key.Resource == resource && change.Key.Namespace == space);
            return ([.. some.Select(change => (change.Version, change.Type, Copy(change.Value)))], _version, _changed.Task);
        }
    }

    private JsonObject? Find(ResourceKey key) => _objects.TryGetValue($"{key}", out var found) ? found.Value : null;

    private JsonObject Change(ResourceKey key, JsonObject old, JsonObject body, ApiRequest request)
    {
        if (Version(body) is { } named && named != Version(old)) throw ApiStatus.Conflict(key);
        JsonObject metadata = Metadata(body);
        foreach (string kept in (string[])["name", "namespace", "uid", "creationTimestamp", "resourceVersion", "generation"]) metadata[kept] = old["metadata"]![kept]?.DeepClone();
        if (JsonNode.DeepEquals(old, body)) return Copy(old);
        if (key.Resource == "deployments" && !JsonNode.DeepEquals(old["spec"], body["spec"])) metadata["generation"] = metadata["generation"]!.GetValue<int>() + 1;
        return Store(key, body, request, "MODIFIED");
    }

    private JsonObject Store(ResourceKey key, JsonObject value, ApiRequest request, string type)
    {
        foreach (JsonNode? time in (JsonNode?[])[value["spec"]?["acquireTime"], value["spec"]?["renewTime"], value["eventTime"], value["series"]?["lastObservedTime"]])
            if (time is not null && !MicroTime().IsMatch($"{time}")) throw ApiStatus.BadRequest($"parsing time \"{time}\" as \"2006-01-02T15:04:05.000000Z07:00\"");
        _objects[$"{key}"] = (key, value);
        return Note(key, value, request, type);
    }

    /// <summary>Go reads these with six digits after the second and no others.</summary>
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$")]
    private static partial Regex MicroTime();

    private JsonObject Note(ResourceKey key, JsonObject value, ApiRequest request, string type)
    {
        Metadata(value)["resourceVersion"] = $"{++_version}";
        _changes.Add((_version, type, key, Copy(value)));
        _writes.Add(new AcceptedWrite(_version, request, Copy(value)));
        TaskCompletionSource changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
        return Copy(value);
    }

    /// <summary>RFC 7396: null removes, objects merge, everything else replaces.</summary>
    private static JsonNode? Merged(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        JsonObject result = target is JsonObject there ? Copy(there) : [];
        foreach ((string name, JsonNode? value) in changes)
        {
            if (value is null) result.Remove(name);
            else result[name] = Merged(result[name], value);
        }

        return result;
    }

    private static bool Selects(string? labels, JsonObject value) => string.IsNullOrEmpty(labels)
        || labels.Split(',').All(pair => pair.Split('=') is [var name, .., var wanted] && value["metadata"]?["labels"]?[name]?.GetValue<string>() == wanted);

    private static JsonObject Changed(JsonObject value, Action<JsonObject> change)
    {
        change(value);
        return value;
    }

    private static JsonObject Metadata(JsonObject value) => (JsonObject)(value["metadata"] ??= new JsonObject());

    private static string? Version(JsonObject value) => value["metadata"]?["resourceVersion"]?.GetValue<string>() is { Length: > 0 } version ? version : null;

    private static JsonObject Copy(JsonObject value) => (JsonObject)value.DeepClone();
}
