using System.Runtime.InteropServices;

namespace Juoku.Learning.LightGbm;

/// <summary>
/// Rows that LightGBM derives its bins from, drawn before the data is read: which rows is a function of their number and of the parameters
/// <c>bin_construct_sample_cnt</c> and <c>data_random_seed</c> alone, and the bins are those it would find in a matrix of all rows.
/// </summary>
public sealed class BinningSample
{
    // LightGBM's kZeroThreshold: what lies nearer to zero is zero, and zeros are not listed.
    private const double Zero = 1e-35;

    private readonly int[] _rows;
    private readonly List<double>[] _values;
    private readonly List<int>[] _indices;
    private int _taken;

    private BinningSample(int[] rows, int featureCount, long rowCount)
    {
        _rows = rows;
        RowCount = rowCount;
        _values = [.. Enumerable.Range(0, featureCount).Select(_ => new List<double>())];
        _indices = [.. Enumerable.Range(0, featureCount).Select(_ => new List<int>())];
    }

    /// <summary>Rows that the dataset will have.</summary>
    public long RowCount { get; }

    /// <summary>Rows in the sample, ascending.</summary>
    public ReadOnlySpan<int> Rows => _rows;

    internal int FeatureCount => _values.Length;

    internal int Count => _taken;

    /// <summary>Draws the sample of a dataset of <paramref name="rowCount"/> rows.</summary>
    /// <exception cref="LightGbmException">LightGBM refuses a parameter.</exception>
    public static unsafe BinningSample Draw(int rowCount, int featureCount, Parameters parameters)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowCount);
        LightGbmLibrary.Enter();
        string text = parameters.ToString();
        LightGbmLibrary.Check(NativeMethods.GetSampleCount(rowCount, text, out int count), "LGBM_GetSampleCount");
        var rows = new int[count];
        fixed (int* start = rows)
            LightGbmLibrary.Check(NativeMethods.SampleIndices(rowCount, text, start, out count), "LGBM_SampleIndices");
        return new BinningSample(rows[..count], featureCount, rowCount);
    }

    /// <summary>Takes the values of the next row of the sample, in the order of <see cref="Rows"/>.</summary>
    public void Add(ReadOnlySpan<double> row)
    {
        if (row.Length != _values.Length) throw new ArgumentException($"{_values.Length} values were expected, not {row.Length}.", nameof(row));
        for (int f = 0; f < row.Length; f++)
        {
            if (!(Math.Abs(row[f]) > Zero) && !double.IsNaN(row[f])) continue;
            _values[f].Add(row[f]);
            _indices[f].Add(_taken);
        }

        _taken++;
    }

    /// <summary>Makes the dataset, all bins known and no row in it yet.</summary>
    internal unsafe DatasetHandle CreateDataset(Parameters parameters)
    {
        if (_taken != _rows.Length) throw new InvalidOperationException($"{_taken} of {_rows.Length} sampled rows were given.");
        int columns = FeatureCount;
        var pins = new List<GCHandle>();
        try
        {
            // Arrays that LightGBM reads; they outlive only this call.
            nint Pin(Array array)
            {
                pins.Add(GCHandle.Alloc(array, GCHandleType.Pinned));
                return pins[^1].AddrOfPinnedObject();
            }

            nint[] values = [.. _values.Select(list => Pin(list.ToArray()))];
            nint[] indices = [.. _indices.Select(list => Pin(list.ToArray()))];
            int[] counts = [.. _values.Select(list => list.Count)];
            fixed (nint* valueColumns = values, indexColumns = indices)
            {
                fixed (int* lengths = counts)
                {
                    int status = NativeMethods.DatasetCreateFromSampledColumn(
                        (double**)valueColumns, (int**)indexColumns, columns, lengths, _rows.Length, checked((int)RowCount), RowCount, parameters.ToString(),
                        out DatasetHandle handle);
                    if (status != 0) handle.Dispose();
                    LightGbmLibrary.Check(status, "LGBM_DatasetCreateFromSampledColumn");
                    return handle;
                }
            }
        }
        finally
        {
            foreach (GCHandle pin in pins) pin.Free();
        }
    }
}
