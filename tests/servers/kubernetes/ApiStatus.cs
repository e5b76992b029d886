using System.Text.Json.Nodes;

namespace Juoku.Tests.Servers;

/// <summary>A refusal, as Kubernetes words it.</summary>
internal sealed class ApiStatus(int code, string reason, string message) : Exception(message)
{
    public int Code => code;

    public JsonObject Body => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = Message,
        ["reason"] = reason,
        ["code"] = code,
    };

    public static ApiStatus NotFound(ResourceKey key) => new(404, "NotFound", $"{key.Resource} \"{key.Name}\" not found");

    public static ApiStatus Exists(ResourceKey key) => new(409, "AlreadyExists", $"{key.Resource} \"{key.Name}\" already exists");

    public static ApiStatus Conflict(ResourceKey key) => new(409, "Conflict",
        $"Operation cannot be fulfilled on {key.Resource} \"{key.Name}\": the object has been modified; please apply your changes to the latest version and try again");

    public static ApiStatus Forbidden(ApiRequest request) => new(403, "Forbidden",
        $"{request.Resource} is forbidden: User \"{request.User}\" cannot {request.Verb} resource \"{request.Resource}\" in the namespace \"{request.Namespace}\"");

    public static ApiStatus Invalid(string message) => new(422, "Invalid", message);

    public static ApiStatus BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiStatus Gone(long version, long oldest) => new(410, "Expired", $"too old resource version: {version} ({oldest})");
}
