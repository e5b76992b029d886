using Juoku.Batch.Queues;

namespace Juoku.Batch.Tests.Queues;

public sealed class SqliteQueueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));

    private string Url => $"sqlite:{_folder["queue.db"]}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Receive_SeveralVisible_OldestFirstAndReturnedOnesInTheirTurn()
    {
        await using SqliteQueue queue = SqliteQueue.Open(Url, _clock);
        await queue.SendAsync(["a", "b"], Cancellation);
        QueueMessage a = Assert.Single(await ReceiveAsync(queue, 1));
        Assert.True(await queue.AbandonAsync(a, TimeSpan.FromSeconds(1), Cancellation));
        _clock.Advance(TimeSpan.FromSeconds(2));
        await queue.SendAsync(["c"], Cancellation);

        Assert.Equal("b", Assert.Single(await ReceiveAsync(queue, 1)).Body);
        Assert.Equal("a", Assert.Single(await ReceiveAsync(queue, 1)).Body);
        Assert.Equal("c", Assert.Single(await ReceiveAsync(queue, 1)).Body);
    }

    [Fact]
    public async Task Complete_ExpiredButTakenByNobody_Completes()
    {
        await using SqliteQueue queue = SqliteQueue.Open(Url, _clock);
        await queue.SendAsync(["late"], Cancellation);
        QueueMessage message = Assert.Single(await ReceiveAsync(queue, 1));
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(new QueueDepth(1, 0, 0), await queue.CountAsync(Cancellation));
        Assert.True(await queue.CompleteAsync(message, Cancellation));
        Assert.Equal(default, await queue.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Loan_ExpiredAndTakenByAnother_IsNoLongerOurs()
    {
        await using SqliteQueue queue = SqliteQueue.Open(Url, _clock);
        await queue.SendAsync(["contested"], Cancellation);
        QueueMessage first = Assert.Single(await ReceiveAsync(queue, 1));
        _clock.Advance(TimeSpan.FromSeconds(31));
        QueueMessage second = Assert.Single(await ReceiveAsync(queue, 1));

        Assert.Equal((first.Id, 2), (second.Id, second.Receives));
        Assert.NotEqual(first.Receipt, second.Receipt);
        Assert.False(await queue.CompleteAsync(first, Cancellation));
        Assert.False(await queue.ExtendAsync(first, TimeSpan.FromMinutes(1), Cancellation));
        Assert.False(await queue.AbandonAsync(first, TimeSpan.Zero, Cancellation));
        Assert.False(await queue.DeadLetterAsync(first, "late", Cancellation));
        Assert.True(await queue.CompleteAsync(second, Cancellation));
    }

    private static Task<IReadOnlyList<QueueMessage>> ReceiveAsync(SqliteQueue queue, int most) =>
        queue.ReceiveAsync(most, TimeSpan.Zero, TimeSpan.FromSeconds(30), Cancellation);
}
