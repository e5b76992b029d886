using System.Collections.Frozen;
using System.Text.Json;

namespace Juoku.Learning.LightGbm;

/// <summary>
/// The parameters that this LightGBM knows, with their aliases, asked from the library itself. LightGBM only warns of a name it does not know and
/// goes on without it, so that a typing error costs a night of training; here it is refused beforehand.
/// </summary>
public static class ParameterNames
{
    private static readonly Lazy<FrozenDictionary<string, string>> Known = new(Ask);

    /// <summary>The main name of a parameter (<c>eta</c> → <c>learning_rate</c>); null when LightGBM knows none of that name.</summary>
    /// <exception cref="LightGbmUnavailableException">LightGBM's native library cannot be used here.</exception>
    public static string? MainNameOf(string name) => Known.Value.GetValueOrDefault(name);

    /// <summary>All names, aliases among them.</summary>
    public static IEnumerable<string> All => Known.Value.Keys;

    private static unsafe FrozenDictionary<string, string> Ask()
    {
        LightGbmLibrary.Enter();
        byte[] json = [];
        while (true)
        {
            long length;
            fixed (byte* start = json)
                LightGbmLibrary.Check(NativeMethods.DumpParamAliases(json.Length, out length, start), "LGBM_DumpParamAliases");
            if (length <= json.Length) return Parse(json.AsSpan(0, checked((int)length) - 1));
            json = new byte[length];
        }
    }

    private static FrozenDictionary<string, string> Parse(ReadOnlySpan<byte> json)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        Dictionary<string, string[]> aliases = JsonSerializer.Deserialize<Dictionary<string, string[]>>(json)!;
        foreach ((string main, string[] others) in aliases)
        {
            names[main] = main;
            foreach (string other in others) names.TryAdd(other, main);
        }

        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
