using System.Numerics;
using System.Runtime.InteropServices;

namespace Juoku.Forest.Packing;

/// <summary>
/// The categorical conditions of a batch of trees: for each feature, sets of categories in groups of eight. A group is one look-up of
/// 256 bytes that turns a row's code into eight membership bits, which are then turned into eight bit rows.
/// </summary>
internal sealed class CategoryConditions
{
    private const int GroupSize = 8;

    private readonly CategoryPages _pages;
    private readonly Dictionary<CategorySet, int> _rows = [];
    private readonly Dictionary<int, List<CategorySet>> _sets = [];
    private readonly int _firstRow;

    /// <param name="pages">The columns that give categories their codes.</param>
    /// <param name="firstRow">First bit row for conditions.</param>
    public CategoryConditions(CategoryPages pages, int firstRow)
    {
        _pages = pages;
        _firstRow = firstRow;
    }

    /// <summary>Bit rows used, a multiple of eight for each feature.</summary>
    public int RowCount => _sets.Values.Sum(sets => (sets.Count + GroupSize - 1) / GroupSize * GroupSize);

    /// <summary>Adds the categorical splits of a tree.</summary>
    public void Add(Tree tree)
    {
        for (int node = 0; node < tree.NodeCount; node++)
        {
            if (!tree.Decisions[node].IsCategorical) continue;
            CategorySet set = SetOf(tree, node);
            if (!_rows.TryAdd(set, 0)) continue;
            if (!_sets.TryGetValue(set.Feature, out List<CategorySet>? sets)) _sets[set.Feature] = sets = [];
            sets.Add(set);
        }
    }

    /// <summary>Lays the sets out in rows and appends the look-ups that fill them; call once, after the last <see cref="Add"/>.</summary>
    public void Lay(List<MembershipOp> ops, List<byte> tables)
    {
        int row = _firstRow;
        foreach ((int feature, List<CategorySet> sets) in _sets.OrderBy(entry => entry.Key))
        {
            foreach (CategorySet[] group in sets.Chunk(GroupSize))
            {
                for (int i = 0; i < group.Length; i++) _rows[group[i]] = row + i;
                AddLookUps(_pages[feature], group, row, ops, tables);
                row += GroupSize;
            }
        }
    }

    /// <summary>Row of the condition "is in the set" of a categorical node.</summary>
    public int RowOf(Tree tree, int node) => _rows[SetOf(tree, node)];

    private static CategorySet SetOf(Tree tree, int node) => new(tree.SplitFeature[node], tree, node);

    private static void AddLookUps(
        (CategoryColumn Column, int FirstPage) column, CategorySet[] group, int row, List<MembershipOp> ops, List<byte> tables)
    {
        var pages = new SortedDictionary<int, byte[]>();
        for (int i = 0; i < group.Length; i++)
        {
            ReadOnlySpan<uint> bits = group[i].Bits;
            for (int word = 0; word < bits.Length; word++)
            {
                for (uint rest = bits[word]; rest != 0; rest &= rest - 1)
                {
                    int category = (word * 32) + BitOperations.TrailingZeroCount(rest);
                    (int page, int code) = Math.DivRem(column.Column.CodeOf(category) - 1, CategoryColumn.PageSize);
                    if (!pages.TryGetValue(page, out byte[]? table)) pages[page] = table = new byte[256];
                    table[code + 1] |= (byte)(1 << i);
                }
            }
        }

        // A group whose sets are all empty still has rows, which must be cleared.
        if (pages.Count == 0) pages[0] = new byte[256];
        int done = 0;
        foreach ((int page, byte[] table) in pages)
        {
            done++;
            ops.Add(new MembershipOp(column.FirstPage + page, tables.Count, done > 1, done == pages.Count ? row * BitRows.Bytes : MembershipOp.Unfinished));
            tables.AddRange(table);
        }
    }
}

/// <summary>One look-up of a group of eight sets on one page of codes; a group has one for each page that its categories are on.</summary>
/// <param name="Page">Page of codes, among all pages of all columns.</param>
/// <param name="Table">Offset of the 256-byte table.</param>
/// <param name="Adds">Adds to what the group's earlier look-ups found, instead of starting anew.</param>
/// <param name="Target">Byte offset of the eight bit rows that the group's last look-up fills; <see cref="Unfinished"/> for others.</param>
internal readonly record struct MembershipOp(int Page, int Table, bool Adds, int Target)
{
    public const int Unfinished = -1;
}

/// <summary>The categories that one node sends left; equal when feature and categories are.</summary>
internal readonly struct CategorySet(int feature, Tree tree, int node) : IEquatable<CategorySet>
{
    public int Feature => feature;

    /// <summary>The categories as a bitset, 32 to a word.</summary>
    public ReadOnlySpan<uint> Bits => tree.CategoriesLeft(node);

    public bool Equals(CategorySet other) => feature == other.Feature && Bits.SequenceEqual(other.Bits);

    public override bool Equals(object? obj) => obj is CategorySet other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(feature);
        hash.AddBytes(MemoryMarshal.AsBytes(Bits));
        return hash.ToHashCode();
    }
}
