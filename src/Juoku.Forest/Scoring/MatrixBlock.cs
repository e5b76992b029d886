using System.Runtime.CompilerServices;
using Juoku.Forest.Packing;

namespace Juoku.Forest.Scoring;

/// <summary>A block of a row-major matrix, turned into columns.</summary>
internal sealed class MatrixBlock
{
    private readonly double[][] _values;

    /// <param name="used">By feature, whether its values are needed.</param>
    public MatrixBlock(ReadOnlySpan<bool> used)
    {
        _values = new double[used.Length][];
        Columns = new Column[used.Length];
        for (int feature = 0; feature < used.Length; feature++)
        {
            _values[feature] = used[feature] ? new double[BitRows.BlockRows] : [];
            Columns[feature] = Column.Of(_values[feature]);
        }
    }

    /// <summary>One column a feature, a block long.</summary>
    public Column[] Columns { get; }

    /// <summary>Copies rows, at most a block, into the columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(ReadOnlySpan<double> rows)
    {
        for (int feature = 0; feature < _values.Length; feature++)
        {
            double[] column = _values[feature];
            if (column.Length == 0) continue;
            for (int row = 0, at = feature; at < rows.Length; row++, at += _values.Length) column[row] = rows[at];
        }
    }
}
