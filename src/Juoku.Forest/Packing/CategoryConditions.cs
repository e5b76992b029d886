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
    private readonly int _firstRow;
    private readonly Dictionary<CategorySet, int> _rows = [];
    private readonly SortedDictionary<int, List<Group>> _groups = [];

    /// <param name="pages">The columns that give categories their codes.</param>
    /// <param name="firstRow">First bit row for conditions.</param>
    public CategoryConditions(CategoryPages pages, int firstRow)
    {
        _pages = pages;
        _firstRow = firstRow;
    }

    /// <summary>Bit rows used: eight a group.</summary>
    public int RowCount { get; private set; }

    /// <summary>Gives each categorical node of a tree the row of its condition "is in the set".</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="rows">Receives rows, by node.</param>
    public void Add(Tree tree, int[] rows)
    {
        for (int node = 0; node < tree.NodeCount; node++)
        {
            if (!tree.Decisions[node].IsCategorical) continue;
            var set = new CategorySet(tree.SplitFeature[node], tree, node);
            if (!_rows.TryGetValue(set, out int row)) _rows[set] = row = Add(set);
            rows[node] = row;
        }
    }

    /// <summary>The look-ups that fill the rows, and their tables.</summary>
    public (MembershipOp[] LookUps, byte[] Tables) LookUps()
    {
        var ops = new List<MembershipOp>();
        var tables = new List<byte>();
        foreach ((int feature, List<Group> groups) in _groups)
        {
            (CategoryColumn column, int firstPage) = _pages[feature];
            var pages = new byte[column.PageCount * 256];
            foreach (Group group in groups)
            {
                Array.Clear(pages);
                for (int i = 0; i < group.Sets.Count; i++) Mark(group.Sets[i].Bits, column, (byte)(1 << i), pages);
                AppendLookUps(pages, firstPage, group.Row * BitRows.Bytes, ops, tables);
            }
        }

        return ([.. ops], [.. tables]);
    }

    private int Add(CategorySet set)
    {
        if (!_groups.TryGetValue(set.Feature, out List<Group>? groups)) _groups[set.Feature] = groups = [];
        if (groups.Count == 0 || groups[^1].Sets.Count == GroupSize)
        {
            groups.Add(new Group(_firstRow + RowCount));
            RowCount += GroupSize;
        }

        groups[^1].Sets.Add(set);
        return groups[^1].Row + groups[^1].Sets.Count - 1;
    }

    /// <summary>Sets a bit for each category of a set in the tables of its column's pages.</summary>
    private static void Mark(ReadOnlySpan<uint> set, CategoryColumn column, byte bit, byte[] pages)
    {
        for (int word = 0; word < set.Length; word++)
        {
            for (uint rest = set[word]; rest != 0; rest &= rest - 1)
            {
                int code = column.CodeOf((word * 32) + BitOperations.TrailingZeroCount(rest)) - 1;
                int page = code / CategoryColumn.PageSize;
                pages[(page * 256) + code - (page * CategoryColumn.PageSize) + 1] |= bit;
            }
        }
    }

    private static void AppendLookUps(ReadOnlySpan<byte> pages, int firstPage, int target, List<MembershipOp> ops, List<byte> tables)
    {
        int first = ops.Count;
        for (int page = 0; page < pages.Length / 256; page++)
        {
            ReadOnlySpan<byte> table = pages.Slice(page * 256, 256);
            if (!table.ContainsAnyExcept((byte)0)) continue;
            ops.Add(new MembershipOp(firstPage + page, tables.Count, ops.Count > first, MembershipOp.Unfinished));
            tables.AddRange(table);
        }

        if (ops.Count == first)
        {
            // A group of empty sets still has rows, which must be cleared.
            ops.Add(new MembershipOp(firstPage, tables.Count, Adds: false, MembershipOp.Unfinished));
            tables.AddRange(pages[..256]);
        }

        ops[^1] = ops[^1] with { Target = target };
    }

    /// <summary>Up to eight sets of one feature, whose rows follow one another.</summary>
    private sealed record Group(int Row)
    {
        public List<CategorySet> Sets { get; } = [];
    }
}

/// <summary>One look-up of a group of eight sets on one page of codes; a group has one for each page that its categories are on.</summary>
/// <param name="Page">Page of codes, among all pages of all columns.</param>
/// <param name="Table">Offset of the 256-byte table among those of its batch, or of the forest once packed.</param>
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
