using System.Collections.Concurrent;
using Juoku.Batch.Queues;

namespace Juoku.Tests.Contracts;

/// <summary>What every queue must do, whatever lies behind it. Derived classes say how to open one.</summary>
public abstract class QueueContract
{
    private const int TextLimit = 60 << 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _name = $"contract-{Guid.NewGuid():n}";

    /// <summary>The shortest visibility to test with; some services know whole seconds only.</summary>
    protected virtual TimeSpan Short => TimeSpan.FromSeconds(1);

    /// <summary>A visibility that no test outlasts.</summary>
    protected static TimeSpan Long => TimeSpan.FromMinutes(5);

    /// <summary>Whether the service tells messages in flight from visible ones.</summary>
    protected virtual bool CountsInFlight => true;

    /// <summary>Whether the service can tell that a message completed late is another's by now; if not, it must ignore the late one.</summary>
    protected virtual bool TellsLoss => true;

    /// <summary>A character beyond the first 65,536; not every server of a test takes one.</summary>
    protected virtual string Flag => "🎌";

    /// <summary>How many messages the test with many receivers sends.</summary>
    protected virtual int Crowd => 200;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens a queue, which is made if there is none of this name; opened twice, it is the same queue to two clients.</summary>
    protected abstract Task<IQueue> OpenAsync(string name);

    /// <summary>Opens a queue that does not exist.</summary>
    protected abstract Task<IQueue> OpenMissingAsync();

    /// <summary>The only message in the dead-letter queue of a queue.</summary>
    protected abstract Task<(string Body, string Reason)> ReadDeadLetterAsync(string name);

    [Fact]
    public async Task Receive_Sent_GivesItOnceThenNothingIsLeft()
    {
        await using IQueue queue = await OpenAsync(_name);
        await queue.SendAsync(["work"], Cancellation);

        QueueMessage message = await ReceiveOneAsync(queue, Long);
        Assert.Equal(("work", 1), (message.Body, message.Receives));
        Assert.True(await queue.CompleteAsync(message, Cancellation));
        Assert.Equal(default, await queue.CountAsync(Cancellation));
        Assert.Empty(await queue.ReceiveAsync(1, TimeSpan.Zero, Long, Cancellation));
    }

    [Fact]
    public async Task Receive_ZeroWait_LooksOnce()
    {
        await using IQueue queue = await OpenAsync(_name);

        Assert.Empty(await queue.ReceiveAsync(10, TimeSpan.Zero, Long, Cancellation));
        await queue.SendAsync(["work"], Cancellation);
        Assert.Single(await queue.ReceiveAsync(10, TimeSpan.Zero, Long, Cancellation));
    }

    [Fact]
    public async Task Receive_InFlight_IsInvisibleToAll()
    {
        await using IQueue queue = await OpenAsync(_name);
        await using IQueue other = await OpenAsync(_name);
        await queue.SendAsync(["work"], Cancellation);
        await ReceiveOneAsync(queue, Long);

        Assert.Empty(await queue.ReceiveAsync(1, TimeSpan.Zero, Long, Cancellation));
        Assert.Empty(await other.ReceiveAsync(1, TimeSpan.Zero, Long, Cancellation));
    }

    [Fact]
    public async Task Receive_TimedOut_ComesBackWithARaisedCount()
    {
        await using IQueue queue = await OpenAsync(_name);
        await queue.SendAsync(["work"], Cancellation);
        QueueMessage first = await ReceiveOneAsync(queue, Short);

        QueueMessage second = await ReceiveOneAsync(queue, Long);
        Assert.Equal((first.Id, first.Body, 2), (second.Id, second.Body, second.Receives));
    }

    [Fact]
    public async Task Receive_More_GivesNoMoreThanAskedFor()
    {
        await using IQueue queue = await OpenAsync(_name);
        await queue.SendAsync(["1", "2", "3", "4"], Cancellation);

        Assert.InRange((await queue.ReceiveAsync(3, Patience, Long, Cancellation)).Count, 1, 3);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queue.ReceiveAsync(0, TimeSpan.Zero, Long, Cancellation));
    }

    [Fact]
    public async Task Receive_Waiting_WakesUpOnASend()
    {
        await using IQueue queue = await OpenAsync(_name);
        await using IQueue other = await OpenAsync(_name);
        Task<IReadOnlyList<QueueMessage>> mine = queue.ReceiveAsync(1, Patience, Long, Cancellation);
        Task<IReadOnlyList<QueueMessage>> others = other.ReceiveAsync(1, Patience, Long, Cancellation);
        await Task.Delay(100, Cancellation);

        await queue.SendAsync(["one", "two"], Cancellation);
        QueueMessage[] received = [Assert.Single(await mine.WaitAsync(Patience / 2, Cancellation)), Assert.Single(await others.WaitAsync(Patience / 2, Cancellation))];
        Assert.Equal(["one", "two"], received.Select(message => message.Body).Order());
    }

    [Fact]
    public async Task Receive_CancelledAroundASend_LosesNoMessage()
    {
        await using IQueue queue = await OpenAsync(_name);
        for (int round = 0; round < 6; round++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            Task<IReadOnlyList<QueueMessage>> waiting = queue.ReceiveAsync(1, Patience, Long, stop.Token);
            await Task.Delay(round * 5, Cancellation);
            Task sending = queue.SendAsync([$"{round}"], Cancellation);
            if (round % 2 == 0) await sending;
            await stop.CancelAsync();
            await sending;

            QueueMessage message;
            try
            {
                message = Assert.Single(await waiting);
            }
            catch (OperationCanceledException)
            {
                message = await ReceiveOneAsync(queue, Long);
            }

            Assert.Equal($"{round}", message.Body);
            Assert.True(await queue.CompleteAsync(message, Cancellation));
        }
    }

    [Fact]
    public async Task Receive_CancelledWhileNothingComes_Ends()
    {
        await using IQueue queue = await OpenAsync(_name);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<IReadOnlyList<QueueMessage>> waiting = queue.ReceiveAsync(1, TimeSpan.FromDays(1), Long, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task Receive_ByMany_EachMessageIsCompletedExactlyOnce()
    {
        string[] sent = [.. Enumerable.Range(0, Crowd).Select(number => $"{{\"part\":{number}}}")];
        IQueue[] clients = [await OpenAsync(_name), await OpenAsync(_name)];
        ConcurrentQueue<string> completed = [];
        Task[] senders = [.. sent.Chunk(Crowd / 4).Select(bodies => clients[0].SendAsync(bodies, Cancellation))];
        Task[] receivers = [.. Enumerable.Range(0, 8).Select(async number =>
        {
            IQueue queue = clients[number % 2];
            while (completed.Count < sent.Length)
            {
                foreach (QueueMessage message in await queue.ReceiveAsync(1 + number, TimeSpan.FromMilliseconds(200), Long, Cancellation))
                {
                    Assert.Equal(1, message.Receives);
                    if (await queue.CompleteAsync(message, Cancellation)) completed.Enqueue(message.Body);
                }
            }
        })];

        await Task.WhenAll([.. senders, .. receivers]);
        Assert.Equal(sent.Order(), completed.Order());
        Assert.Equal(default, await clients[1].CountAsync(Cancellation));
        foreach (IQueue client in clients) await client.DisposeAsync();
    }

    [Fact]
    public async Task Extend_BeforeTheTimeOut_KeepsTheMessageInvisible()
    {
        await using IQueue queue = await OpenAsync(_name);
        await queue.SendAsync(["work"], Cancellation);
        QueueMessage message = await ReceiveOneAsync(queue, Short);

        Assert.True(await queue.ExtendAsync(message, Long, Cancellation));
        Assert.Empty(await queue.ReceiveAsync(1, Short * 1.5, Long, Cancellation));
        Assert.True(await queue.ExtendAsync(message, Long, Cancellation));
        Assert.True(await queue.CompleteAsync(message, Cancellation));
        Assert.Equal(default, await queue.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Extend_ByLess_BringsTheMessageBackEarlier()
    {
        await using IQueue queue = await OpenAsync(_name);
        await queue.SendAsync(["work"], Cancellation);
        QueueMessage message = await ReceiveOneAsync(queue, Long);

        Assert.True(await queue.ExtendAsync(message, Short, Cancellation));
        Assert.Equal(2, (await ReceiveOneAsync(queue, Long)).Receives);
    }

    [Fact]
    public async Task Complete_TimedOutAndTakenByAnother_IsFalseAndTouchesNothing()
    {
        await using IQueue queue = await OpenAsync(_name);
        await using IQueue other = await OpenAsync(_name);
        await queue.SendAsync(["contested"], Cancellation);
        QueueMessage late = await ReceiveOneAsync(queue, Short);
        QueueMessage current = await ReceiveOneAsync(other, Long);

        bool[] ours =
        [
            await queue.CompleteAsync(late, Cancellation), await queue.ExtendAsync(late, Short, Cancellation),
            await queue.AbandonAsync(late, TimeSpan.Zero, Cancellation), await queue.DeadLetterAsync(late, "late", Cancellation),
        ];
        if (TellsLoss) Assert.Equal([false, false, false, false], ours);
        Assert.Empty(await queue.ReceiveAsync(1, Short * 1.5, Long, Cancellation));
        Assert.Equal(0, (await queue.CountAsync(Cancellation)).Dead);
        Assert.True(await other.CompleteAsync(current, Cancellation));
        Assert.Equal(default, await queue.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Complete_Twice_IsFalse()
    {
        await using IQueue queue = await OpenAsync(_name);
        await queue.SendAsync(["work"], Cancellation);
        QueueMessage message = await ReceiveOneAsync(queue, Long);

        Assert.True(await queue.CompleteAsync(message, Cancellation));
        bool again = await queue.CompleteAsync(message, Cancellation);
        if (TellsLoss) Assert.False(again);
    }

    [Fact]
    public async Task Abandon_WithoutDelay_IsVisibleAtOnce()
    {
        await using IQueue queue = await OpenAsync(_name);
        await queue.SendAsync(["work"], Cancellation);

        Assert.True(await queue.AbandonAsync(await ReceiveOneAsync(queue, Long), TimeSpan.Zero, Cancellation));
        Assert.Equal(2, (await ReceiveOneAsync(queue, Long)).Receives);
    }

    [Fact]
    public async Task Abandon_WithDelay_IsVisibleAfterIt()
    {
        await using IQueue queue = await OpenAsync(_name);
        await queue.SendAsync(["soon", "later"], Cancellation);
        QueueMessage[] messages = [await ReceiveOneAsync(queue, Long), await ReceiveOneAsync(queue, Long)];
        QueueMessage later = messages.Single(message => message.Body == "later");
        QueueMessage soon = messages.Single(message => message.Body == "soon");

        Assert.True(await queue.AbandonAsync(later, Long, Cancellation));
        Assert.True(await queue.AbandonAsync(soon, Short, Cancellation));
        QueueMessage back = await ReceiveOneAsync(queue, Long);
        Assert.Equal((soon.Id, 2), (back.Id, back.Receives));
        Assert.Empty(await queue.ReceiveAsync(1, Short * 1.5, Long, Cancellation));
    }

    [Fact]
    public async Task DeadLetter_OfOurs_IsKeptWithItsReason()
    {
        await using IQueue queue = await OpenAsync(_name);
        await queue.SendAsync(["bad", "good"], Cancellation);
        QueueMessage bad = await ReceiveOneAsync(queue, Long);

        Assert.True(await queue.DeadLetterAsync(bad, "column 'age' is missing; line 2\nünïcode", Cancellation));
        Assert.Equal(new QueueDepth(1, 0, 1), await queue.CountAsync(Cancellation));
        Assert.Equal((bad.Body, "column 'age' is missing; line 2\nünïcode"), await ReadDeadLetterAsync(_name));
        Assert.NotEqual(bad.Body, (await ReceiveOneAsync(queue, Long)).Body);
    }

    [Fact]
    public async Task Count_SomeInFlight_TellsThemApart()
    {
        await using IQueue queue = await OpenAsync(_name);
        Assert.Equal(default, await queue.CountAsync(Cancellation));
        await queue.SendAsync(["1", "2", "3", "4", "5"], Cancellation);
        await ReceiveOneAsync(queue, Long);
        await ReceiveOneAsync(queue, Long);

        Assert.Equal(CountsInFlight ? new QueueDepth(3, 2, 0) : new QueueDepth(5, 0, 0), await queue.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Send_MoreThanAServiceTakesAtOnce_AllArrive()
    {
        await using IQueue queue = await OpenAsync(_name);
        string[] sent = [.. Enumerable.Range(0, 35).Select(number => $"{number}:{new string('x', TextLimit - 10)}")];
        await queue.SendAsync(sent, Cancellation);
        await queue.SendAsync([], Cancellation);

        List<string> received = [];
        while (received.Count < sent.Length && await queue.ReceiveAsync(100, Patience, Long, Cancellation) is { Count: > 0 } some)
            received.AddRange(some.Select(message => message.Body));
        Assert.Equal(sent.Order(StringComparer.Ordinal), received.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Send_AnyText_ArrivesUnchanged()
    {
        await using IQueue queue = await OpenAsync(_name);
        string[] texts =
        [
            $"十億 ☃ {Flag} é", "{\"run\":\"a&b<c>\",\n\t\"part\": 42}", " spaces ", "]]>", "&amp;", "' OR 1=1 --", "%41+%2B", new string('億', TextLimit / 3),
        ];
        foreach (string text in texts)
        {
            await queue.SendAsync([text], Cancellation);
            QueueMessage message = await ReceiveOneAsync(queue, Long);
            Assert.Equal(text, message.Body);
            Assert.True(await queue.CompleteAsync(message, Cancellation));
        }
    }

    [Fact]
    public async Task Queue_Missing_EveryCallSaysSo()
    {
        await using IQueue queue = await OpenMissingAsync();

        QueueException[] faults =
        [
            await Assert.ThrowsAsync<QueueNotFoundException>(() => queue.SendAsync(["work"], Cancellation)),
            await Assert.ThrowsAsync<QueueNotFoundException>(() => queue.ReceiveAsync(1, TimeSpan.Zero, Long, Cancellation)),
            await Assert.ThrowsAsync<QueueNotFoundException>(() => queue.CountAsync(Cancellation)),
        ];
        Assert.All(faults, fault => Assert.StartsWith($"{queue.Url}: ", fault.Message));
        Assert.All(faults, fault => Assert.DoesNotContain('\n', fault.Message));
    }

    private static async Task<QueueMessage> ReceiveOneAsync(IQueue queue, TimeSpan visibility) =>
        Assert.Single(await queue.ReceiveAsync(1, Patience, visibility, Cancellation));
}
