using System.Collections.Immutable;

namespace Juoku.Learning.Tests.Registry;

internal static class Sorted
{
    /// <summary>As manifests keep them.</summary>
    public static ImmutableSortedDictionary<string, T> ToSorted<T>(this Dictionary<string, T> values) => values.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
