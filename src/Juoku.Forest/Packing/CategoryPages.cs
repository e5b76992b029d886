using System.Numerics;

namespace Juoku.Forest.Packing;

/// <summary>The category columns of an ensemble, and where each one's pages of codes lie among all pages.</summary>
internal sealed class CategoryPages
{
    private readonly Dictionary<int, (CategoryColumn Column, int FirstPage)> _columns = [];

    public CategoryPages(Ensemble ensemble)
    {
        foreach ((int feature, uint[] bits) in Union(ensemble).OrderBy(entry => entry.Key))
        {
            var column = new CategoryColumn(feature, Members(bits));
            _columns[feature] = (column, Count);
            Count += column.PageCount;
        }

        Columns = [.. _columns.Values.Select(entry => entry.Column)];
    }

    /// <summary>Number of pages of all columns.</summary>
    public int Count { get; }

    /// <summary>Columns in the order of their pages.</summary>
    public CategoryColumn[] Columns { get; }

    /// <summary>Column of a feature and its first page.</summary>
    public (CategoryColumn Column, int FirstPage) this[int feature] => _columns[feature];

    /// <summary>By feature, the categories that any split names, as a bitset.</summary>
    private static Dictionary<int, uint[]> Union(Ensemble ensemble)
    {
        var union = new Dictionary<int, uint[]>();
        foreach (Tree tree in ensemble.Trees)
        {
            for (int node = 0; node < tree.NodeCount; node++)
            {
                if (!tree.Decisions[node].IsCategorical) continue;
                ReadOnlySpan<uint> set = tree.CategoriesLeft(node);
                uint[] known = union.GetValueOrDefault(tree.SplitFeature[node], []);
                if (known.Length < set.Length) Array.Resize(ref known, set.Length);
                for (int i = 0; i < set.Length; i++) known[i] |= set[i];
                union[tree.SplitFeature[node]] = known;
            }
        }

        return union;
    }

    private static int[] Members(uint[] bits)
    {
        var members = new List<int>();
        for (int word = 0; word < bits.Length; word++)
        {
            for (uint rest = bits[word]; rest != 0; rest &= rest - 1) members.Add((word * 32) + BitOperations.TrailingZeroCount(rest));
        }

        return [.. members];
    }
}
