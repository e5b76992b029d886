using System.Numerics;
using System.Runtime.CompilerServices;

namespace Juoku.Forest.Packing;

/// <summary>
/// Gives each category that any split of a feature names a code from 1; all other values have code 0. Codes come in pages of
/// <see cref="PageSize"/>, so that one fits a byte: a row has code 0 on every page but its own.
/// </summary>
internal sealed class CategoryColumn
{
    public const int PageSize = 255;
    private const int LargestTable = 1 << 22;

    private readonly int[] _categories;
    private readonly int[]? _codes;

    /// <param name="feature">Feature index.</param>
    /// <param name="categories">Categories that occur in the feature's splits, increasing and distinct.</param>
    public CategoryColumn(int feature, int[] categories)
    {
        Feature = feature;
        _categories = categories;
        PageCount = Math.Max(1, (categories.Length + PageSize - 1) / PageSize);
        int largest = categories.Length > 0 ? categories[^1] : -1;
        if (largest >= LargestTable) return;

        // One more than needed: all larger categories read the last entry, which stays 0.
        _codes = new int[largest + 2];
        for (int i = 0; i < categories.Length; i++) _codes[categories[i]] = i + 1;
    }

    public int Feature { get; }

    public int PageCount { get; }

    /// <summary>Code of a category, from 1; 0 when no split names it. Negative numbers are no category.</summary>
    public int CodeOf(int category)
    {
        if (_codes is not null) return _codes[Math.Min((uint)category, (uint)_codes.Length - 1)];
        int index = Array.BinarySearch(_categories, category);
        return index >= 0 ? index + 1 : 0;
    }

    /// <summary>Replaces categories by their codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Encode(Span<int> categories)
    {
        if (_codes is not { } codes) foreach (ref int category in categories) category = CodeOf(category);
        else foreach (ref int category in categories) category = codes[Math.Min((uint)category, (uint)codes.Length - 1)];
    }

    /// <summary>Codes on one page: 1 to 255, or 0 for codes of other pages.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SelectPage(ReadOnlySpan<int> codes, int page, Span<byte> target)
    {
        var before = new Vector<int>(page * PageSize);
        for (int i = 0; i < codes.Length; i += 4 * Vector<int>.Count)
        {
            Vector<short> low = Vector.Narrow(OnPage(codes[i..], before), OnPage(codes[(i + Vector<int>.Count)..], before));
            Vector<short> high = Vector.Narrow(
                OnPage(codes[(i + (2 * Vector<int>.Count))..], before), OnPage(codes[(i + (3 * Vector<int>.Count))..], before));
            Vector.Narrow(low.As<short, ushort>(), high.As<short, ushort>()).CopyTo(target[i..]);
        }
    }

    /// <summary>Category that a value stands for: truncated towards zero as LightGBM does; −1 for NaN and for what no int holds.</summary>
    public static int CategoryOf(double value) => value > -1 && value < 2147483648.0 ? (int)value : -1;

    private static Vector<int> OnPage(ReadOnlySpan<int> codes, Vector<int> before)
    {
        Vector<int> code = new Vector<int>(codes) - before;
        return code & Vector.GreaterThan(code, Vector<int>.Zero) & Vector.LessThanOrEqual(code, new Vector<int>(PageSize));
    }
}
