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
    private readonly int[] _codes;

    /// <param name="feature">Feature index.</param>
    /// <param name="categories">Categories that occur in the feature's splits, increasing and distinct.</param>
    public CategoryColumn(int feature, int[] categories)
    {
        Feature = feature;
        _categories = categories;
        PageCount = Math.Max(1, (categories.Length + PageSize - 1) / PageSize);
        int largest = categories.Length > 0 ? categories[^1] : -1;
        _codes = largest < LargestTable ? new int[largest + 1] : [];
        if (_codes.Length > 0)
            for (int i = 0; i < categories.Length; i++) _codes[categories[i]] = i + 1;
    }

    public int Feature { get; }

    public int PageCount { get; }

    /// <summary>Code of a category, from 1; 0 when no split names it. Negative numbers are no category.</summary>
    public int CodeOf(int category)
    {
        if (_codes.Length > 0) return (uint)category < (uint)_codes.Length ? _codes[category] : 0;
        int index = Array.BinarySearch(_categories, category);
        return index >= 0 ? index + 1 : 0;
    }

    /// <summary>Category that a value stands for: truncated towards zero as LightGBM does; −1 for NaN and for what no int holds.</summary>
    public static int CategoryOf(double value) => value > -1 && value < 2147483648.0 ? (int)value : -1;
}
