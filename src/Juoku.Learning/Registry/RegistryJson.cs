using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Juoku.Batch.Models;

namespace Juoku.Learning.Registry;

/// <summary>What the registry keeps as JSON. Unknown members are passed over, as a later version may add some.</summary>
[JsonSourceGenerationOptions]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(AliasState))]
[JsonSerializable(typeof(VersionClaim))]
internal sealed partial class RegistryJson : JsonSerializerContext
{
    /// <summary>For people too: indented, and names in any script as they are.</summary>
    public static RegistryJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    });

    public static byte[] Write<T>(T value, JsonTypeInfo<T> type) => [.. JsonSerializer.SerializeToUtf8Bytes(value, type), (byte)'\n'];

    /// <summary>Reads an object of the registry.</summary>
    /// <exception cref="RegistryException">It is damaged.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> content, JsonTypeInfo<T> type, string url)
    {
        try
        {
            return JsonSerializer.Deserialize(content.Span, type) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new RegistryException(url, $"is damaged ({e.Message})", e);
        }
    }

    /// <summary>Reads a manifest and checks what others rely on.</summary>
    /// <exception cref="RegistryException">It is damaged.</exception>
    public static ModelManifest ReadManifest(ReadOnlyMemory<byte> content, string url)
    {
        ModelManifest manifest = Read(content, Readable.ModelManifest, url);
        if (manifest.Files.IsDefault || manifest.Features.IsDefault) throw new RegistryException(url, "is damaged (a list is null)");
        if (manifest.Files.Count(file => file.Name == PinnedModel.ModelFile) != 1) throw new RegistryException(url, $"is damaged (it must list one {PinnedModel.ModelFile})");
        if (manifest.Files.FirstOrDefault(file => !IsPlainName(file.Name)) is { } stray) throw new RegistryException(url, $"is damaged ('{stray.Name}' is no name of a file)");
        return manifest;
    }

    /// <summary>Reads a manifest, and checks that it is the one of the version at whose place it lies.</summary>
    /// <exception cref="RegistryException">It is damaged, or another version's.</exception>
    public static ModelManifest ReadManifest(ReadOnlyMemory<byte> content, string name, int version, string url)
    {
        ModelManifest manifest = ReadManifest(content, url);
        return manifest.Name == name && manifest.Version == version
            ? manifest
            : throw new RegistryException(url, $"is that of {manifest.Reference}, not of {name}/{version}");
    }

    /// <summary>Whether a name is that of a file in the folder itself, and not one that the registry or readers give a meaning.</summary>
    public static bool IsPlainName(string name) =>
        name.Length > 0 && name[0] is not ('.' or '_') && !name.AsSpan().ContainsAny('/', '\\', '\0') && name is not (RegistryKeys.ManifestFile or RegistryKeys.SumsFile);
}

/// <summary>Who took a version number; whoever put it alone writes into that version's folder.</summary>
/// <param name="Id">Tells the claims of two who asked at the same moment apart.</param>
/// <param name="By">User and machine.</param>
/// <param name="At">When.</param>
internal sealed record VersionClaim(Guid Id, string By, DateTimeOffset At);
