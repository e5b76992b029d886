using System.Runtime.CompilerServices;

namespace Juoku.Learning.LightGbm;

/// <summary>How the values of a matrix lie in memory.</summary>
public enum MatrixLayout
{
    /// <summary>One column after another.</summary>
    ColumnMajor = 0,

    /// <summary>One row after another.</summary>
    RowMajor = 1,
}

/// <summary>What both datasets and boosters ask of a matrix.</summary>
internal static class Matrix
{
    /// <summary>LightGBM's name for <typeparamref name="T"/>.</summary>
    /// <exception cref="NotSupportedException">The type is neither float nor double.</exception>
    public static ElementType TypeOf<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? ElementType.Float32
        : typeof(T) == typeof(double) ? ElementType.Float64
        : throw new NotSupportedException($"LightGBM reads matrices of float and double, not {typeof(T).Name}.");

    /// <summary>Rows of a matrix of <paramref name="length"/> values and <paramref name="columns"/> columns.</summary>
    /// <exception cref="ArgumentException">The values are no whole number of rows.</exception>
    public static int RowsOf(int length, int columns, [CallerArgumentExpression(nameof(length))] string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        return length % columns == 0
            ? length / columns
            : throw new ArgumentException($"{length} values are no whole number of rows of {columns} columns.", name);
    }
}
