namespace Juoku.Batch.Tables.Writing;

/// <summary>Writes a table to the path that is its name; the file appears when it is complete.</summary>
public sealed class FileTableWriter : IDisposable
{
    private readonly WholeFile _file;
    private readonly TableWriter _writer;

    /// <summary>Starts the file.</summary>
    /// <exception cref="OutputException">The place cannot be written, or the format cannot hold the table.</exception>
    public FileTableWriter(OutputTable table)
    {
        TableWriter.Check(table);
        _file = new WholeFile(table.Name);
        try
        {
            _writer = TableWriter.Create(table, _file.Stream);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Writes a batch; batches come in the order of their rows.</summary>
    public void Write(OutputRows rows) => _writer.Write(rows);

    /// <summary>Finishes the file and makes it appear.</summary>
    public void Complete()
    {
        _writer.Complete();
        _file.Commit();
    }

    /// <summary>Ends writing; a file that was not completed is removed.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }
}
