using Microsoft.AspNetCore.Http;

namespace Juoku.Tests.Servers;

/// <summary>An object's place.</summary>
/// <param name="Resource">Such as <c>leases</c>.</param>
/// <param name="Namespace">Its namespace; empty where it has none.</param>
/// <param name="Name">Its name.</param>
internal sealed record ResourceKey(string Resource, string Namespace, string Name);

/// <summary>What a request asks for, in the words of Kubernetes' access rules.</summary>
/// <param name="User">The bearer token, which is all that tells users apart here.</param>
/// <param name="Verb">get, list, watch, create, update, patch, delete.</param>
/// <param name="Group">API group; empty for the core.</param>
/// <param name="Resource">Such as <c>deployments/scale</c>.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The object; empty for all.</param>
internal sealed record ApiRequest(string User, string Verb, string Group, string Resource, string Namespace, string Name)
{
    public string Plural => Resource.Split('/')[0];

    public string? Subresource => Resource.Split('/') is [_, var subresource] ? subresource : null;

    public bool IsWrite => Verb is "create" or "update" or "patch" or "delete";

    public ResourceKey Key => new(Plural, Namespace, Name);

    /// <summary>Reads <c>/api/v1/…</c> and <c>/apis/‹group›/‹version›/…</c>.</summary>
    public static ApiRequest Of(HttpRequest http)
    {
        string[] path = http.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string group = path is ["apis", var named, ..] ? named : "";
        string[] rest = path[Math.Min(path.Length, group.Length > 0 ? 3 : 2)..];
        string space = "";
        if (rest.Length > 2 && rest[0] == "namespaces") (space, rest) = (rest[1], rest[2..]);
        string name = rest.Length > 1 ? rest[1] : "";
        string resource = rest.Length == 0 ? "" : rest.Length > 2 ? $"{rest[0]}/{rest[2]}" : rest[0];
        string verb = http.Method switch
        {
            "GET" when http.Query["watch"] == "true" => "watch",
            "GET" => name.Length > 0 ? "get" : "list",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => "delete",
            var other => other,
        };
        string user = http.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token] ? token : "anonymous";
        return new ApiRequest(user, verb, group, resource, space, name);
    }
}

/// <summary>A write that the server took, in its order.</summary>
/// <param name="Version">The resource version that it made.</param>
/// <param name="Request">Who wrote what.</param>
/// <param name="Object">What stands there since.</param>
internal sealed record AcceptedWrite(long Version, ApiRequest Request, System.Text.Json.Nodes.JsonObject Object);
