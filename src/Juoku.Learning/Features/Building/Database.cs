using System.Globalization;
using DuckDB.NET.Data;

namespace Juoku.Learning.Features.Building;

/// <summary>
/// A DuckDB database in a scratch folder: what does not fit the memory given goes there. Its errors become one line that says which file
/// of SQL is meant; those of a disk are no fault of the set, and may be gone at the next try.
/// </summary>
internal sealed class Database : IDisposable
{
    private readonly DuckDBConnection _connection;
    private readonly CancellationToken _cancellation;

    public Database(ScratchFolder scratch, long memoryBytes, int threads, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _connection = new DuckDBConnection($"DataSource=:memory:");
        _connection.Open();
        Execute(string.Create(CultureInfo.InvariantCulture, $"SET memory_limit = '{memoryBytes / 1024} KiB'; SET threads = {threads}"));
        Execute($"SET temp_directory = {Quote(scratch["spill"])}");
        // Nothing is fetched from anywhere, and the order of rows is part of the result.
        Execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET preserve_insertion_order = true; SET TimeZone = 'UTC'");
        Execute("SET enable_progress_bar = false; CREATE SCHEMA clean");
    }

    /// <summary>A text as SQL writes it.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A name as SQL writes it.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A day as SQL writes it.</summary>
    public static string Date(DateOnly day) => $"DATE '{day:yyyy-MM-dd}'";

    /// <summary>Runs statements.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="where">The file that they are from, or what they are about; for messages.</param>
    public void Execute(string sql, string? where = null) => Run(sql, where, command => command.ExecuteNonQuery());

    /// <summary>The one whole number that a query gives.</summary>
    public long Number(string sql, string? where = null) => Run(sql, where, command => Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture));

    /// <summary>Rows of a query that gives texts and numbers.</summary>
    public List<(string Text, long Number)> Counts(string sql) => Run(sql, null, command =>
    {
        var rows = new List<(string, long)>();
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read()) rows.Add((reader.GetString(0), Convert.ToInt64(reader.GetValue(1), CultureInfo.InvariantCulture)));
        return rows;
    });

    /// <summary>Columns of a table, view or query in brackets: name and type.</summary>
    public List<(string Name, string Type)> Columns(string relation, string? where = null) => Run($"DESCRIBE FROM {relation}", where, command =>
    {
        var columns = new List<(string, string)>();
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read()) columns.Add((reader.GetString(0), reader.GetString(1)));
        return columns;
    });

    public void Dispose() => _connection.Dispose();

    private T Run<T>(string sql, string? where, Func<DuckDBCommand, T> run)
    {
        _cancellation.ThrowIfCancellationRequested();
        using DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        using CancellationTokenRegistration stop = _cancellation.Register(command.Cancel);
        try
        {
            return run(command);
        }
        catch (DuckDBException e)
        {
            _cancellation.ThrowIfCancellationRequested();
            string line = $"{where ?? "DuckDB"}: {Explain(e.Message)}";
            throw IsFull(e.Message) || e.Message.StartsWith("IO Error", StringComparison.Ordinal) ? new IOException(line, e) : new FeatureException(line, e);
        }
    }

    private static bool IsFull(string message) =>
        message.Split('\n')[0].Contains("max_temp_directory_size", StringComparison.Ordinal) || message.Contains("No space left on device", StringComparison.Ordinal);

    /// <summary>The first line of DuckDB's message, the line of the file that it points at, and what to do where that is known.</summary>
    private static string Explain(string message)
    {
        string[] lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string said = lines[0];
        if (IsFull(message)) return $"the scratch disk is full ({said}); name a larger one with --scratch";
        if (said.StartsWith("Out of Memory", StringComparison.Ordinal)) return $"{said}; give more with --memory";
        string? pointed = lines.FirstOrDefault(line => line.StartsWith("LINE ", StringComparison.Ordinal));
        return pointed is null ? said : $"{said} ({pointed})";
    }
}
