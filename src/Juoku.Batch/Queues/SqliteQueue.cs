using System.Globalization;
using Juoku.Batch.Stores;
using Microsoft.Data.Sqlite;

namespace Juoku.Batch.Queues;

/// <summary>
/// A queue in a file, for any number of processes of one machine.
/// </summary>
/// <remarks>
/// <para>A message is visible when its time <c>visible_at</c> has come, and messages are taken in that order: the oldest first, and one
/// that came back behind those that became visible before it. A loan is the message's current <c>receipt</c>, drawn at random for each
/// receive; who holds another one holds nothing. Time alone does not end a loan: until somebody else receives the message, it can still
/// be completed, as with SQS.</para>
/// <para>What was sent, completed or given up survives a power loss. What was merely lent does not have to: after one, nobody is left
/// to return the loan, and the message is simply visible early.</para>
/// <para>A receiver that waits is woken at once by a sender that uses the same object. For others it looks every
/// <see cref="Pause"/>, with a read that takes no lock and finds the first message of an index, some microseconds in all.</para>
/// </remarks>
public sealed class SqliteQueue : IQueue
{
    /// <summary>How long a waiting receiver rests between two looks for messages of other processes.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private const string Scheme = "sqlite:";

    private readonly SqliteFile _file;
    private readonly TimeProvider _time;
    private readonly Signal _visible = new();

    private SqliteQueue(string url, string path, TimeProvider time) => (Url, _file, _time) = (url, new SqliteFile(url, path), time);

    /// <inheritdoc/>
    public string Url { get; }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Opens a queue by the URL of its file. The file is made when it is first used; its folder must be there.</summary>
    /// <exception cref="AddressException">The URL names no file.</exception>
    public static SqliteQueue Open(string url) => Open(url, TimeProvider.System);

    /// <summary>Opens a queue that goes by another clock.</summary>
    /// <exception cref="AddressException">The URL names no file.</exception>
    public static SqliteQueue Open(string url, TimeProvider time)
    {
        string path = url.StartsWith(Scheme, StringComparison.Ordinal) ? FileStore.PathOf(url, Scheme) : "";
        return path.Length > 0 && path[^1] != '/' && !path.Contains('?')
            ? new SqliteQueue(url, Path.GetFullPath(path), time)
            : throw new AddressException(url, "names no file for a queue; write it as sqlite:./data/queue.db, without parameters");
    }

    /// <inheritdoc/>
    public async Task SendAsync(IReadOnlyCollection<string> bodies, CancellationToken cancellation)
    {
        if (bodies.Count == 0) return;
        await _file.WriteAsync("be sent to", durable: true, database =>
        {
            using SqliteCommand insert = database.CreateCommand();
            insert.CommandText = "INSERT INTO message (body, visible_at) VALUES ($body, $now)";
            SqliteParameter text = insert.Parameters.Add("$body", SqliteType.Text);
            insert.Parameters.AddWithValue("$now", Now);
            foreach (string body in bodies)
            {
                text.Value = body;
                insert.ExecuteNonQuery();
            }

            return bodies.Count;
        }, cancellation).ConfigureAwait(false);
        _visible.Raise();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int most, TimeSpan wait, TimeSpan visibility, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        long start = _time.GetTimestamp();
        while (true)
        {
            Task raised = _visible.Raised; // before the look: what is sent after it must not be slept through
            if (await NextAsync(cancellation).ConfigureAwait(false) is { } next && next <= Now)
            {
                // Not cancelled any more: what was taken is handed over.
                IReadOnlyList<QueueMessage> taken = await TakeAsync(most, visibility, CancellationToken.None).ConfigureAwait(false);
                if (taken.Count > 0) return taken;
            }

            TimeSpan left = wait - _time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return [];
            await Task.WhenAny(raised, Task.Delay(left < Pause ? left : Pause, _time, cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExtendAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellation) =>
        ChangeAsync("extend a loan in", durable: false, message,
            "UPDATE message SET visible_at = $at WHERE number = $number AND receipt = $receipt", visibility, cancellation);

    /// <inheritdoc/>
    public Task<bool> CompleteAsync(QueueMessage message, CancellationToken cancellation) =>
        ChangeAsync("complete a message of", durable: true, message,
            "DELETE FROM message WHERE number = $number AND receipt = $receipt", TimeSpan.Zero, cancellation);

    /// <inheritdoc/>
    public async Task<bool> AbandonAsync(QueueMessage message, TimeSpan delay, CancellationToken cancellation)
    {
        bool ours = await ChangeAsync("give a message back to", durable: false, message,
            "UPDATE message SET visible_at = $at, receipt = NULL WHERE number = $number AND receipt = $receipt", delay, cancellation).ConfigureAwait(false);
        _visible.Raise();
        return ours;
    }

    /// <inheritdoc/>
    public Task<bool> DeadLetterAsync(QueueMessage message, string reason, CancellationToken cancellation) =>
        _file.WriteAsync("move a message to the dead letters of", durable: true, database =>
        {
            using SqliteCommand bury = database.CreateCommand();
            bury.CommandText = """
                INSERT INTO dead (number, body, receives, reason, died_at)
                SELECT number, body, receives, $reason, $now FROM message WHERE number = $number AND receipt = $receipt
                """;
            bury.Parameters.AddWithValue("$reason", reason);
            bury.Parameters.AddWithValue("$now", Now);
            Name(bury, message);
            if (bury.ExecuteNonQuery() == 0) return false;
            bury.CommandText = "DELETE FROM message WHERE number = $number AND receipt = $receipt";
            return bury.ExecuteNonQuery() == 1;
        }, cancellation);

    /// <inheritdoc/>
    public Task<QueueDepth> CountAsync(CancellationToken cancellation) => _file.ReadAsync("count the messages of", database =>
    {
        using SqliteCommand count = database.CreateCommand();
        count.CommandText = """
            SELECT (SELECT count(*) FROM message WHERE visible_at <= $now), (SELECT count(*) FROM message WHERE visible_at > $now), (SELECT count(*) FROM dead)
            """;
        count.Parameters.AddWithValue("$now", Now);
        using SqliteDataReader row = count.ExecuteReader();
        row.Read();
        return new QueueDepth(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }, cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    /// <summary>When the first message becomes visible or became so; null when there is none.</summary>
    private Task<long?> NextAsync(CancellationToken cancellation) => _file.ReadAsync("look for messages in", database =>
    {
        using SqliteCommand look = database.CreateCommand();
        look.CommandText = "SELECT min(visible_at) FROM message";
        return look.ExecuteScalar() is long next ? next : (long?)null;
    }, cancellation);

    private Task<IReadOnlyList<QueueMessage>> TakeAsync(int most, TimeSpan visibility, CancellationToken cancellation) =>
        _file.WriteAsync<IReadOnlyList<QueueMessage>>("receive from", durable: false, database =>
        {
            using SqliteCommand take = database.CreateCommand();
            take.CommandText = """
                UPDATE message SET visible_at = $at, receives = receives + 1, receipt = lower(hex(randomblob(16)))
                WHERE number IN (SELECT number FROM message WHERE visible_at <= $now ORDER BY visible_at, number LIMIT $most)
                RETURNING number, body, receives, receipt
                """;
            take.Parameters.AddWithValue("$now", Now);
            take.Parameters.AddWithValue("$at", After(visibility));
            take.Parameters.AddWithValue("$most", most);
            using SqliteDataReader row = take.ExecuteReader();
            List<(long Number, QueueMessage Message)> taken = [];
            while (row.Read())
            {
                long number = row.GetInt64(0);
                taken.Add((number, new QueueMessage(number.ToString(CultureInfo.InvariantCulture), row.GetString(1), row.GetInt32(2), row.GetString(3))));
            }

            return [.. taken.OrderBy(one => one.Number).Select(one => one.Message)];
        }, cancellation);

    /// <summary>Carries out one statement about a message on loan; false when the loan is another's.</summary>
    private Task<bool> ChangeAsync(string what, bool durable, QueueMessage message, string statement, TimeSpan visibleIn, CancellationToken cancellation) =>
        _file.WriteAsync(what, durable, database =>
        {
            using SqliteCommand change = database.CreateCommand();
            change.CommandText = statement;
            change.Parameters.AddWithValue("$at", After(visibleIn));
            Name(change, message);
            return change.ExecuteNonQuery() == 1;
        }, cancellation);

    private static void Name(SqliteCommand command, QueueMessage message)
    {
        command.Parameters.AddWithValue("$number", long.Parse(message.Id, CultureInfo.InvariantCulture));
        command.Parameters.AddWithValue("$receipt", message.Receipt);
    }

    private long After(TimeSpan span) => Now + (long)Math.Ceiling(span.TotalMilliseconds);
}
