using System.Collections.Immutable;
using Juoku.Batch.Tables.Inputs;
using ParquetSharp;
using ParquetSharp.IO;

namespace Juoku.Batch.Tables.Parquet;

/// <summary>Parquet's library at work on an input: a file, which it reads itself, or an object, which is read ahead for it.</summary>
internal sealed class ParquetFile : IDisposable
{
    private readonly TableInput _input;
    private readonly ObjectBytes? _object;
    private readonly ManagedRandomAccessFile? _access;
    private readonly ImmutableArray<ImmutableArray<ByteRange>> _chunks = [];

    /// <summary>Opens an input and reads its footer.</summary>
    /// <exception cref="TableException">It is no Parquet file.</exception>
    public ParquetFile(TableInput input, CancellationToken cancellation)
    {
        _input = input;
        try
        {
            using ReaderProperties properties = ReaderProperties.GetDefaultReaderProperties();

            // Column chunks are read as they are decoded, not whole: a row group may be larger than memory.
            properties.EnableBufferedStream();
            properties.BufferSize = 1 << 18;
            properties.EnablePageChecksumVerification();
            if (input is FileInput file)
            {
                Reader = new ParquetFileReader(file.Path, properties);
                file.CheckVersion();
                return;
            }

            _object = new ObjectBytes((ObjectInput)input, cancellation);
            _access = new ManagedRandomAccessFile(_object, leaveOpen: true);
            properties.SetFooterReadSize(ObjectBytes.TailBytes);
            Reader = new ParquetFileReader(_access, properties);
            _chunks = _object.Chunks();
        }
        catch (Exception e)
        {
            Dispose();
            if (e is ParquetException or InvalidDataException)
                throw Failure(e, reason => new TableException(input.Name, $"not a readable Parquet file ({reason}); is it complete?", e));
            throw;
        }
    }

    /// <summary>The library's reader.</summary>
    public ParquetFileReader Reader { get; } = null!;

    /// <summary>
    /// What really happened when the library failed: the fault of the input, which native code turned into a text, or else what
    /// <paramref name="damaged"/> makes of the library's own reason.
    /// </summary>
    public Exception Failure(Exception library, Func<string, Exception> damaged) =>
        _object?.Fault ?? damaged(library.Message.ReplaceLineEndings("\n").Split('\n')[0]);

    /// <summary>Begins to read columns of a row group, until disposed; null where there is nothing to gain.</summary>
    public IDisposable? ReadAhead(int group, IEnumerable<int> columns) =>
        _object?.ReadAhead(columns.Where(column => column < _chunks[group].Length).Select(column => _chunks[group][column]));

    public override string ToString() => _input.Name;

    public void Dispose()
    {
        Reader?.Dispose();
        _access?.Dispose();
        _object?.Dispose();
    }
}
