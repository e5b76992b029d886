using Juoku.Batch.Queues;
using Microsoft.Data.Sqlite;

namespace Juoku.Batch.Tests.Queues;

/// <summary>Processes that are killed, and files as a power loss leaves them.</summary>
public sealed class QueueCrashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Url => $"sqlite:{_folder["queue.db"]}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Processes_SomeKilled_NothingIsLostOrDoneTwice()
    {
        const int Each = 60;
        await using SqliteQueue queue = SqliteQueue.Open(Url);
        using QueueProcess oneSender = QueueProcess.Send(Url, "a", Each, batch: 7);
        using QueueProcess otherSender = QueueProcess.Send(Url, "b", Each, batch: 1);
        using QueueProcess oneWorker = Work();
        using QueueProcess otherWorker = Work();
        using QueueProcess doomedWorker = Work();
        using QueueProcess doomedSender = QueueProcess.Send(Url, "c", 100_000, batch: 50);
        while ((await queue.CountAsync(Cancellation)).Visible < 100) await Task.Delay(5, Cancellation);
        doomedSender.Kill();
        await Task.Delay(50, Cancellation);
        doomedWorker.Kill();

        string[] sent = [.. Reported("sent", [.. await oneSender.Steps, .. await otherSender.Steps, .. await doomedSender.Steps])];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (await queue.CountAsync(patience.Token) != default) await Task.Delay(20, patience.Token);
        oneWorker.End();
        otherWorker.End();

        string[] killed = await doomedWorker.Steps;
        string[] steps = [.. await oneWorker.Steps, .. await otherWorker.Steps, .. killed];
        Assert.Equal([0, 0, 0, 0], new[] { oneSender, otherSender, oneWorker, otherWorker }.Select(process => process.ExitCode));

        // Completed at most once; and all that was sent, but for one message that was killed between its completion and the report of it.
        string[] completed = [.. Reported("completed", steps)];
        Assert.Equal(completed.Distinct().Count(), completed.Length);
        string[] unreported = [.. sent.Except(completed)];
        Assert.True(unreported.Length <= 1, $"never completed: {string.Join(", ", unreported)}");
        Assert.Subset(Reported("took", killed).ToHashSet(), unreported.ToHashSet());
    }

    [Fact]
    public async Task File_CopiedAsAPowerLossLeavesIt_HoldsAllThatWasConfirmed()
    {
        await using SqliteQueue queue = SqliteQueue.Open(Url);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var writer = new Writer(queue);
        await queue.CountAsync(Cancellation); // makes the file
        Task writing = writer.RunAsync(stop.Token);
        for (int loss = 0; loss < 8; loss++)
        {
            await Task.Delay(Random.Shared.Next(60), Cancellation);
            (string[] kept, string[] gone) = writer.Confirmed;
            string url = await CopyAsync($"loss-{loss}.db");

            // After an hour, when no loan runs any more.
            await using SqliteQueue copy = SqliteQueue.Open(url, new ManualClock(TimeProvider.System.GetUtcNow().AddHours(1)));
            string[] bodies = [.. (await copy.ReceiveAsync(int.MaxValue, TimeSpan.Zero, TimeSpan.Zero, Cancellation)).Select(Name)];
            Assert.Equal(bodies.Distinct().Count(), bodies.Length);
            Assert.Subset(bodies.ToHashSet(), kept.ToHashSet());
            Assert.Empty(bodies.Intersect(gone));
            Assert.All(bodies.Where(body => body.StartsWith("kept", StringComparison.Ordinal)).CountBy(Batch), batch => Assert.Equal(3, batch.Value));
            await copy.SendAsync(["it goes on"], Cancellation);
        }

        await stop.CancelAsync();
        await writing;
        Assert.NotEmpty(writer.Confirmed.Gone);
    }

    /// <summary>
    /// Copies the file and its log while they are written. A reader holds the log meanwhile: it can grow and be carried over into the file,
    /// as before a crash, but not begin anew. What was appended after all that is confirmed is cut off anywhere, and torn.
    /// </summary>
    private async Task<string> CopyAsync(string name)
    {
        await using var reader = new SqliteConnection($"Data Source={_folder["queue.db"]};Pooling=false");
        await reader.OpenAsync(Cancellation);
        await using SqliteTransaction held = reader.BeginTransaction(deferred: true);
        await using SqliteCommand look = reader.CreateCommand();
        look.CommandText = "SELECT count(*) FROM message";
        await look.ExecuteScalarAsync(Cancellation);

        long confirmed = new FileInfo(_folder["queue.db-wal"]).Length;
        File.WriteAllBytes(_folder[name], ReadShared(_folder["queue.db"]));
        await Task.Delay(Random.Shared.Next(20), Cancellation);
        byte[] log = ReadShared(_folder["queue.db-wal"]);
        int cut = Random.Shared.Next((int)confirmed, log.Length + 1);
        Random.Shared.NextBytes(log.AsSpan(cut));
        File.WriteAllBytes(_folder[name + "-wal"], log[..Random.Shared.Next(cut, log.Length + 1)]);

        string url = $"sqlite:{_folder[name]}";
        await using var copy = new SqliteConnection($"Data Source={_folder[name]};Pooling=false");
        await copy.OpenAsync(Cancellation);
        await using SqliteCommand check = copy.CreateCommand();
        check.CommandText = "PRAGMA integrity_check";
        Assert.Equal("ok", await check.ExecuteScalarAsync(Cancellation));
        return url;
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static string Name(QueueMessage message) => message.Body[..message.Body.IndexOf(' ')];

    /// <summary>kept-7-1 → kept-7.</summary>
    private static string Batch(string body) => body[..body.LastIndexOf('-')];

    /// <summary>Sends batches and completes some messages, and knows what the queue has confirmed so far.</summary>
    private sealed class Writer(SqliteQueue queue)
    {
        private static readonly string Padding = new('x', 3000); // so that the log is carried over now and then

        private readonly Lock _lock = new();
        private readonly List<string> _kept = [];
        private readonly List<string> _gone = [];

        public (string[] Kept, string[] Gone) Confirmed
        {
            get
            {
                lock (_lock) return ([.. _kept], [.. _gone]);
            }
        }

        public async Task RunAsync(CancellationToken stop)
        {
            for (int number = 0; !stop.IsCancellationRequested; number++)
            {
                string[] batch = [.. Enumerable.Range(0, 3).Select(index => $"kept-{number}-{index}")];
                await queue.SendAsync([.. batch.Select(Padded)], CancellationToken.None);
                lock (_lock) _kept.AddRange(batch);

                await queue.SendAsync([Padded($"gone-{number}")], CancellationToken.None);
                foreach (QueueMessage message in await queue.ReceiveAsync(4, TimeSpan.Zero, TimeSpan.FromMinutes(1), CancellationToken.None))
                {
                    if (!Name(message).StartsWith("gone", StringComparison.Ordinal)) continue;
                    Assert.True(await queue.CompleteAsync(message, CancellationToken.None));
                    lock (_lock) _gone.Add(Name(message));
                }
            }
        }

        private static string Padded(string name) => $"{name} {Padding}";
    }

    private QueueProcess Work() => QueueProcess.Work(Url, visibility: TimeSpan.FromSeconds(1));

    private static IEnumerable<string> Reported(string step, IEnumerable<string> lines) =>
        lines.Where(line => line.StartsWith(step + " ", StringComparison.Ordinal)).Select(line => line[(step.Length + 1)..]);
}
