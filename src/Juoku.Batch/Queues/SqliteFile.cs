using Microsoft.Data.Sqlite;

namespace Juoku.Batch.Queues;

/// <summary>
/// The file of a <see cref="SqliteQueue"/>: one connection, used by one thread at a time, off the caller's thread, since SQLite blocks.
/// Writers take SQLite's write lock when they begin, so that they wait in line instead of failing in the middle.
/// </summary>
internal sealed class SqliteFile(string url, string path) : IAsyncDisposable
{
    // "Juok": tells a queue from another program's database.
    private const int ApplicationId = 0x4A756F6B;
    private const int LayoutVersion = 1;

    private readonly SemaphoreSlim _turn = new(1);
    private SqliteConnection? _connection;
    private bool _durable;
    private bool _disposed;

    /// <summary>How long to wait for other processes before giving up.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Reads.</summary>
    /// <param name="what">Completes "cannot …"; the queue comes after it.</param>
    /// <param name="step">Reads, in one statement.</param>
    /// <param name="cancellation">Gives up the turn; a step that has begun ends.</param>
    public Task<T> ReadAsync<T>(string what, Func<SqliteConnection, T> step, CancellationToken cancellation) => RunAsync(what, step, cancellation);

    /// <summary>Writes all that a step does, or none of it.</summary>
    /// <param name="what">Completes "cannot …"; the queue comes after it.</param>
    /// <param name="durable">Whether it must be on the disk when this returns.</param>
    /// <param name="step">Writes.</param>
    /// <param name="cancellation">Gives up the turn; a step that has begun ends.</param>
    public Task<T> WriteAsync<T>(string what, bool durable, Func<SqliteConnection, T> step, CancellationToken cancellation) => RunAsync(what, database =>
    {
        if (durable != _durable)
        {
            Execute(database, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _durable = durable;
        }

        using SqliteTransaction transaction = database.BeginTransaction(deferred: false);
        T result = step(database);
        transaction.Commit();
        return result;
    }, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            Close();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<T> RunAsync<T>(string what, Func<SqliteConnection, T> step, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Task.Run(() => step(_connection ??= Open()), CancellationToken.None).ConfigureAwait(false);
        }
        catch (SqliteException e)
        {
            Close(); // whatever it is, the next call begins afresh
            throw SqliteFaults.Explain(url, path, what, e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            DefaultTimeout = (int)Patience.TotalSeconds,
            Pooling = false, // a queue that is disposed of has closed its file
        }.ToString());
        try
        {
            if (!Directory.Exists(Path.GetDirectoryName(path)))
                throw new QueueNotFoundException(url, $"there is no folder {Path.GetDirectoryName(path)}; make it, or correct the path");
            connection.Open();

            // SQLite's own wait, in small steps; the library's, in steps of 150 ms, comes after it.
            Execute(connection, $"PRAGMA busy_timeout = {(int)Patience.TotalMilliseconds / 2}");
            if (ReadText(connection, "PRAGMA journal_mode") != "wal" && ReadText(connection, "PRAGMA journal_mode = WAL") != "wal")
                throw new QueueException(url, "this file system cannot hold a queue (SQLite's write-ahead log needs a local disk); put it elsewhere");
            Prepare(connection);
            _durable = true; // SQLite's default
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Makes the tables of a new file; refuses one that is not a queue of ours.</summary>
    private void Prepare(SqliteConnection connection)
    {
        if (IsReady(connection)) return;
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        if (IsReady(connection)) return; // another process was quicker
        if (ReadNumber(connection, "SELECT count(*) FROM sqlite_schema") > 0)
            throw new QueueException(url, "is a database of another program, not a queue; give the queue a file of its own");
        Execute(connection, $"""
            CREATE TABLE message (
              number INTEGER PRIMARY KEY AUTOINCREMENT,
              body TEXT NOT NULL,
              visible_at INTEGER NOT NULL,          -- Unix time in ms
              receives INTEGER NOT NULL DEFAULT 0,
              receipt TEXT                          -- of the latest loan; none when it was never lent, or given back
            ) STRICT;
            CREATE INDEX message_by_visibility ON message (visible_at);
            CREATE TABLE dead (
              number INTEGER PRIMARY KEY,
              body TEXT NOT NULL,
              receives INTEGER NOT NULL,
              reason TEXT NOT NULL,
              died_at INTEGER NOT NULL
            ) STRICT;
            PRAGMA application_id = {ApplicationId};
            PRAGMA user_version = {LayoutVersion};
            """);
        transaction.Commit();
    }

    private bool IsReady(SqliteConnection connection)
    {
        if (ReadNumber(connection, "PRAGMA application_id") != ApplicationId) return false;
        long version = ReadNumber(connection, "PRAGMA user_version");
        return version == LayoutVersion
            ? true
            : throw new QueueException(url, $"was made by another version of Juoku (layout {version}, this one knows {LayoutVersion}); finish it there, or use a new file");
    }

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private static void Execute(SqliteConnection connection, string statement)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    private static string? ReadText(SqliteConnection connection, string query)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = query;
        return command.ExecuteScalar() as string;
    }

    private static long ReadNumber(SqliteConnection connection, string query)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = query;
        return (long)command.ExecuteScalar()!;
    }
}
