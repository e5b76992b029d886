using System.Buffers;
using ParquetSharp;
using ParquetSharp.IO;
using ParquetSharp.Schema;

namespace Juoku.Batch.Tables.Writing;

/// <summary>Writes Parquet: ZSTD pages with checksums, row groups of a million rows, scores as required columns.</summary>
internal sealed class ParquetTableWriter : TableWriter
{
    private const int RowGroupRows = 1 << 20;

    private readonly OutputTable _table;
    private readonly OutputBytes _output;
    private readonly ParquetFileWriter _writer;
    private readonly List<ByteArray> _pointers = [];
    private RowGroupWriter? _group;
    private int _groupRows;
    private double[] _doubles = [];
    private float[] _floats = [];

    public ParquetTableWriter(OutputTable table, Stream stream)
    {
        _table = table;
        _output = new OutputBytes(stream);
        try
        {
            using var properties = new WriterPropertiesBuilder();
            properties.Compression(Compression.Zstd).CompressionLevel(1).EnablePageChecksum();

            // Scores hardly repeat: a dictionary would be built only to be thrown away.
            foreach (string score in table.Scores) properties.DisableDictionary(score);
            Node[] keys = [.. table.Keys.Select(key =>
                new PrimitiveNode(key.Name, Repetition.Optional, key.Logical, key.Physical, key.TypeLength > 0 ? key.TypeLength : -1))];
            Node[] scores = [.. table.Scores.Select(score => new PrimitiveNode(score, Repetition.Required, LogicalType.None(), table.ScoreType == ScoreType.Float ? PhysicalType.Float : PhysicalType.Double))];
            using var schema = new GroupNode("schema", Repetition.Required, [.. keys, .. scores]);
            _writer = new ParquetFileWriter(new ManagedOutputStream(_output, leaveOpen: true), schema, properties.Build());
        }
        catch (Exception e)
        {
            if (e is ParquetException or IOException) throw Failed(e);
            throw;
        }
    }

    public override void Write(OutputRows rows)
    {
        try
        {
            _group ??= _writer.AppendBufferedRowGroup();
            for (int k = 0; k < rows.Keys.Length; k++)
            {
                using ColumnWriter column = _group.Column(k);
                WriteKey(column, rows.Keys[k], rows.Count);
            }

            for (int output = 0; output < rows.Outputs; output++)
            {
                using ColumnWriter column = _group.Column(rows.Keys.Length + output);
                if (column is ColumnWriter<float> floats) floats.WriteBatch(Floats(rows, output));
                else ((ColumnWriter<double>)column).WriteBatch(Doubles(rows, output));
            }

            _groupRows += rows.Count;
            if (_groupRows >= RowGroupRows) CloseGroup();
        }
        catch (Exception e) when (e is ParquetException or IOException)
        {
            throw Failed(e);
        }
    }

    public override void Complete()
    {
        try
        {
            CloseGroup();
            _writer.Close();
            _output.Flush();
        }
        catch (Exception e) when (e is ParquetException or IOException)
        {
            throw Failed(e);
        }
    }

    public override void Dispose()
    {
        // The native writer ends its file when it is disposed; nobody wants that of a table that was not completed.
        _output.Abandon();
        try
        {
            _group?.Dispose();
            _writer.Dispose();
        }
        catch (Exception e) when (e is ParquetException or IOException)
        {
            // Whatever made the write fail was reported by the write.
        }
    }

    private void CloseGroup()
    {
        _group?.Close();
        _group?.Dispose();
        _group = null;
        _groupRows = 0;
    }

    private ReadOnlySpan<double> Doubles(OutputRows rows, int output)
    {
        if (rows.Outputs == 1) return rows.Scores.AsSpan(0, rows.Count);
        if (_doubles.Length < rows.Count) _doubles = new double[rows.Count];
        for (int i = 0; i < rows.Count; i++) _doubles[i] = rows.Scores[i * rows.Outputs + output];
        return _doubles.AsSpan(0, rows.Count);
    }

    private ReadOnlySpan<float> Floats(OutputRows rows, int output)
    {
        if (_floats.Length < rows.Count) _floats = new float[rows.Count];
        for (int i = 0; i < rows.Count; i++) _floats[i] = (float)rows.Scores[i * rows.Outputs + output];
        return _floats.AsSpan(0, rows.Count);
    }

    private void WriteKey(ColumnWriter writer, KeyBuffer key, int rows)
    {
        ReadOnlySpan<short> present = key.Present.AsSpan(0, rows);
        switch (writer, key)
        {
            case (ColumnWriter<bool> column, KeyBuffer<bool> values): column.WriteBatch(rows, present, default, values.Values); break;
            case (ColumnWriter<int> column, KeyBuffer<int> values): column.WriteBatch(rows, present, default, values.Values); break;
            case (ColumnWriter<long> column, KeyBuffer<long> values): column.WriteBatch(rows, present, default, values.Values); break;
            case (ColumnWriter<Int96> column, KeyBuffer<Int96> values): column.WriteBatch(rows, present, default, values.Values); break;
            case (ColumnWriter<float> column, KeyBuffer<float> values): column.WriteBatch(rows, present, default, values.Values); break;
            case (ColumnWriter<double> column, KeyBuffer<double> values): column.WriteBatch(rows, present, default, values.Values); break;
            case (_, BytesKeyBuffer values): WriteBytes(writer, values, present); break;
            default: throw new InvalidOperationException($"A key of {writer.Type} came in a {key.GetType().Name}.");
        }
    }

    private unsafe void WriteBytes(ColumnWriter writer, BytesKeyBuffer values, ReadOnlySpan<short> present)
    {
        fixed (byte* bytes = values.Bytes)
        {
            _pointers.Clear();
            for (int i = 0; i < values.Count; i++)
            {
                (int start, int length) = values[i].GetOffsetAndLength(values.Bytes.Length);
                _pointers.Add(new ByteArray((nint)(bytes + start), length));
            }

            ReadOnlySpan<ByteArray> pointers = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pointers);
            if (writer is ColumnWriter<ByteArray> strings)
            {
                strings.WriteBatch(present.Length, present, default, pointers);
                return;
            }

            FixedLenByteArray[] blocks = ArrayPool<FixedLenByteArray>.Shared.Rent(pointers.Length);
            for (int i = 0; i < pointers.Length; i++) blocks[i] = new FixedLenByteArray(pointers[i].Pointer);
            ((ColumnWriter<FixedLenByteArray>)writer).WriteBatch(present.Length, present, default, blocks.AsSpan(0, pointers.Length));
            ArrayPool<FixedLenByteArray>.Shared.Return(blocks);
        }
    }

    private Exception Failed(Exception e) => _output.Fault is { } fault and not IOException
        ? fault
        : new OutputException(_table.Name, $"cannot be written ({e.Message.ReplaceLineEndings("\n").Split('\n')[0]}); nothing was left there", e);
}
