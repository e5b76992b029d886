using System.Text;
using Juoku.Batch.Stores;

namespace Juoku.Tests.Contracts;

/// <summary>What every store does. A test class of an adapter derives from this and opens an empty store for each test.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private const int Racers = 20;

    private IStore? _store;

    /// <summary>The store under test, empty at the start of a test.</summary>
    protected IStore Store => _store!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Size of an object that the adapter's writer sends in more than three pieces.</summary>
    protected virtual int LargeSize => 27 << 20;

    /// <summary>Opens a store in which nothing is.</summary>
    protected abstract Task<IStore> OpenAsync();

    public virtual async ValueTask InitializeAsync() => _store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_store is not null) await _store.DisposeAsync();
    }

    [Fact]
    public async Task Object_Put_IsFoundReadAndListed()
    {
        StoredObject put = (await PutAsync("a/b.txt", "hello"))!;

        StoredObject? found = await Store.FindAsync("a/b.txt", Stop);
        StoredBytes? read = await Store.GetAsync("a/b.txt", Stop);
        Assert.Equal(("a/b.txt", 5L, put.ETag), (found?.Key, found?.Length ?? 0, found?.ETag));
        Assert.Equal(("hello", put.ETag), (Text(read), read?.ETag));
        StoredObject listed = Assert.Single(await ListAsync(""));
        Assert.Equal((put.Key, put.Length, put.ETag), (listed.Key, listed.Length, listed.ETag));
        Assert.InRange(listed.Modified, TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(10), TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(10));
        Assert.DoesNotContain('"', put.ETag);
    }

    [Fact]
    public async Task Object_Absent_IsNull()
    {
        Assert.Null(await Store.FindAsync("nothing/here", Stop));
        Assert.Null(await Store.GetAsync("nothing/here", Stop));
        Assert.Empty(await ListAsync(""));
        Assert.Empty(await ListAsync("nothing/"));
        await Store.DeleteAsync("nothing/here", Stop);
        Assert.Equal(0, await Store.SweepAsync("", TimeSpan.Zero, Stop));
    }

    [Fact]
    public async Task Object_Deleted_IsGone()
    {
        await PutAsync("x", "1");
        await PutAsync("x2", "2");

        await Store.DeleteAsync("x", Stop);

        Assert.Null(await Store.FindAsync("x", Stop));
        Assert.Equal(["x2"], await KeysAsync(""));
    }

    [Fact]
    public async Task Object_PutAgain_HasNewContentAndETag()
    {
        StoredObject first = (await PutAsync("x", "one"))!;
        StoredObject second = (await PutAsync("x", "two"))!;

        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Equal("two", Text(await Store.GetAsync("x", Stop)));
        Assert.Equal(second.ETag, (await Store.FindAsync("x", Stop))?.ETag);
    }

    [Fact]
    public async Task Object_Empty_IsAnObject()
    {
        StoredObject put = (await PutAsync("empty", ""))!;
        await using (ObjectWriter writer = await Store.CreateAsync("empty too", Stop)) await writer.CompleteAsync(Stop);

        Assert.Equal(0, put.Length);
        Assert.Equal("", Text(await Store.GetAsync("empty", Stop)));
        await Store.ReadAsync(put, 0, Memory<byte>.Empty, Stop);
        Assert.Equal([("empty", 0L), ("empty too", 0L)], (await ListAsync("")).Select(item => (item.Key, item.Length)));
    }

    [Fact]
    public async Task PutIfAbsent_ManyAtOnce_OneWins()
    {
        StoredObject?[] results = await Task.WhenAll(Enumerable.Range(0, Racers).Select(i => PutAsync("receipt", $"racer {i}", PutCondition.IfAbsent)));

        int winner = Assert.Single(Enumerable.Range(0, Racers), i => results[i] is not null);
        StoredBytes? read = await Store.GetAsync("receipt", Stop);
        Assert.Equal(($"racer {winner}", results[winner]!.ETag), (Text(read), read?.ETag));
        Assert.Null(await PutAsync("receipt", "too late", PutCondition.IfAbsent));
    }

    [Fact]
    public async Task PutIfMatch_ManyAtOnce_OneWins()
    {
        StoredObject first = (await PutAsync("alias", "before"))!;

        StoredObject?[] results = await Task.WhenAll(Enumerable.Range(0, Racers).Select(i => PutAsync("alias", $"racer {i}", PutCondition.IfMatch(first.ETag))));

        int winner = Assert.Single(Enumerable.Range(0, Racers), i => results[i] is not null);
        StoredBytes? read = await Store.GetAsync("alias", Stop);
        Assert.Equal(($"racer {winner}", results[winner]!.ETag), (Text(read), read?.ETag));
    }

    [Fact]
    public async Task PutIfMatch_InTurn_CountsEveryStep()
    {
        await PutAsync("counter", "0");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            for (int done = 0; done < 5;)
            {
                StoredBytes now = (await Store.GetAsync("counter", Stop))!;
                if (await PutAsync("counter", $"{int.Parse(Text(now)!, null) + 1}", PutCondition.IfMatch(now.ETag)) is not null) done++;
            }
        }));

        Assert.Equal("20", Text(await Store.GetAsync("counter", Stop)));
    }

    [Fact]
    public async Task PutIfMatch_GoneOrOther_DoesNothing()
    {
        StoredObject first = (await PutAsync("x", "one"))!;
        await PutAsync("x", "two");

        Assert.Null(await PutAsync("x", "three", PutCondition.IfMatch(first.ETag)));
        Assert.Null(await PutAsync("absent", "three", PutCondition.IfMatch(first.ETag)));
        Assert.Equal("two", Text(await Store.GetAsync("x", Stop)));
        Assert.Null(await Store.FindAsync("absent", Stop));
    }

    [Fact]
    public async Task Read_RangesAtOnce_GiveTheirBytes()
    {
        byte[] content = Bytes(1_000_003);
        StoredObject item = (await Store.PutAsync("x", content, PutCondition.None, Stop))!;
        (int Offset, int Length)[] ranges = [(0, 1), (0, content.Length), (content.Length - 1, 1), .. Enumerable.Range(0, 8).Select(i => (i * 120_000, 130_000))];

        await Task.WhenAll(ranges.Select(async range =>
        {
            var buffer = new byte[range.Length];
            await Store.ReadAsync(item, range.Offset, buffer, Stop);
            Assert.True(content.AsSpan(range.Offset, range.Length).SequenceEqual(buffer), $"{range} differs");
        }));
    }

    [Fact]
    public async Task Read_BeyondTheEnd_SaysWhereItEnds()
    {
        StoredObject item = (await PutAsync("x", "12345"))!;

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => Store.ReadAsync(item, 3, new byte[3], Stop));

        Assert.Contains("ends at byte 5", error.Message);
    }

    [Fact]
    public async Task Read_ObjectReplacedOrGone_SaysSo()
    {
        StoredObject first = (await PutAsync("x", "12345"))!;
        StoredObject second = (await PutAsync("x", "54321"))!;

        ObjectChangedException changed = await Assert.ThrowsAsync<ObjectChangedException>(() => Store.ReadAsync(first, 0, new byte[5], Stop));
        await Store.DeleteAsync("x", Stop);
        ObjectChangedException gone = await Assert.ThrowsAsync<ObjectChangedException>(() => Store.ReadAsync(second, 0, new byte[5], Stop));

        Assert.Equal((first.ETag, second.ETag), (changed.ExpectedETag, changed.FoundETag));
        Assert.Equal((second.ETag, null), (gone.ExpectedETag, gone.FoundETag));
    }

    [Fact]
    public async Task List_MoreThanOnePage_IsCompleteAndInOrder()
    {
        string[] keys = [.. Enumerable.Range(0, 1_105).Select(i => $"many/part-{i:00000}.json")];
        await Parallel.ForEachAsync(keys.Reverse(), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Stop }, async (key, _) => await PutAsync(key, "x"));
        await PutAsync("many-more", "x");

        Assert.Equal(keys, await KeysAsync("many/"));
        Assert.Equal(keys[100..200], await KeysAsync("many/part-001"));
        Assert.Equal(keys.Length + 1, (await KeysAsync("")).Length);
    }

    [Fact]
    public async Task List_OddKeys_ComeBackAsTheyWere()
    {
        string[] keys =
        [
            "odd/a b", "odd/a  b", "odd/a%20b", "odd/a%2Fb", "odd/a+b", "odd/a&b=c?d#e", "odd/十億/クリック.json", "odd/é", "odd/it's \"quoted\" <here>", "odd/~!@$^*(),;:[]{}|",
            "odd/dt=2026-11-23/x", "Odd/Upper", "odd/upper", "odd/z/_y", "odd/z-", "odd/z.",
        ];
        foreach (string key in keys) await PutAsync(key, $"content of {key}");

        Assert.Equal(keys.Order(StringComparer.Ordinal), await KeysAsync(""));
        foreach (string key in keys)
        {
            StoredObject? found = await Store.FindAsync(key, Stop);
            Assert.Equal((key, $"content of {key}"), (found?.Key, Text(await Store.GetAsync(key, Stop))));
            Assert.Contains(key, await KeysAsync(key));
            var buffer = new byte[7];
            await Store.ReadAsync(found!, 0, buffer, Stop);
            Assert.Equal("content", Encoding.UTF8.GetString(buffer));
        }
    }

    [Fact]
    public async Task Writer_LargeObject_AppearsWhenComplete()
    {
        byte[] content = Bytes(LargeSize);
        await PutAsync("large", "an earlier one");
        StoredObject written;
        await using (ObjectWriter writer = await Store.CreateAsync("large", Stop))
        {
            int half = content.Length / 2;
            for (int done = 0; done < half;)
            {
                int count = Math.Min(1_234_567, half - done);
                await writer.Stream.WriteAsync(content.AsMemory(done, count), Stop);
                done += count;
            }

            writer.Stream.Write(content.AsSpan(half)); // libraries that encode tables write without waiting
            Assert.Equal("an earlier one", Text(await Store.GetAsync("large", Stop)));
            written = await writer.CompleteAsync(Stop);
        }

        StoredObject? found = await Store.FindAsync("large", Stop);
        Assert.Equal((content.Length, written.ETag), (found?.Length ?? 0, found?.ETag));
        var buffer = new byte[content.Length];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i =>
        {
            int start = (int)(content.LongLength * i / 4), end = (int)(content.LongLength * (i + 1) / 4);
            return Store.ReadAsync(written, start, buffer.AsMemory(start, end - start), Stop);
        }));
        Assert.True(content.AsSpan().SequenceEqual(buffer));
        Assert.Equal(["large"], await KeysAsync(""));
        Assert.Equal(0, await Store.SweepAsync("", TimeSpan.Zero, Stop));
    }

    [Fact]
    public async Task Writer_StreamClosedByItsUser_StillCompletes()
    {
        await using (ObjectWriter writer = await Store.CreateAsync("x", Stop))
        {
            await using (var text = new StreamWriter(writer.Stream)) await text.WriteAsync("closed");
            await writer.CompleteAsync(Stop);
        }

        Assert.Equal("closed", Text(await Store.GetAsync("x", Stop)));
    }

    [Theory, InlineData(10), InlineData(0)]
    public async Task Writer_Abandoned_LeavesNothing(int bytes)
    {
        await using (ObjectWriter writer = await Store.CreateAsync("abandoned", Stop))
            await writer.Stream.WriteAsync(Bytes(bytes == 0 ? LargeSize : bytes), Stop);

        Assert.Null(await Store.FindAsync("abandoned", Stop));
        Assert.Empty(await ListAsync(""));
        Assert.Equal(0, await Store.SweepAsync("", TimeSpan.Zero, Stop));
    }

    [Fact]
    public async Task Writers_OfOneKey_LeaveOneOfTheContentsWhole()
    {
        byte[][] contents = [.. Enumerable.Range(0, 3).Select(i => Bytes(LargeSize / 2 + i, seed: i))];

        await Task.WhenAll(contents.Select(async content =>
        {
            await using ObjectWriter writer = await Store.CreateAsync("same", Stop);
            await writer.Stream.WriteAsync(content, Stop);
            await writer.CompleteAsync(Stop);
        }));

        StoredBytes? read = await Store.GetAsync("same", Stop);
        Assert.Single(contents, content => content.AsSpan().SequenceEqual(read!.Content.Span));
    }

    [Fact]
    public async Task Calls_Cancelled_StopWithoutEffect()
    {
        StoredObject item = (await PutAsync("x", "1"))!;
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.FindAsync("x", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.GetAsync("x", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadAsync(item, 0, new byte[1], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutAsync("x", "2"u8.ToArray(), PutCondition.None, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.DeleteAsync("x", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.CreateAsync("y", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.ListAsync("", cancelled).FirstOrDefaultAsync(cancelled));
        await using (ObjectWriter writer = await Store.CreateAsync("y", Stop))
        {
            await writer.Stream.WriteAsync(Bytes(100), Stop);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writer.CompleteAsync(cancelled));
        }

        Assert.Equal(["x"], await KeysAsync(""));
        Assert.Equal("1", Text(await Store.GetAsync("x", Stop)));
    }

    protected static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    protected static string? Text(StoredBytes? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes.Content.Span);

    protected Task<StoredObject?> PutAsync(string key, string text, PutCondition condition = default) =>
        Store.PutAsync(key, Encoding.UTF8.GetBytes(text), condition, Stop);

    protected async Task<StoredObject[]> ListAsync(string prefix) => await Store.ListAsync(prefix, Stop).ToArrayAsync(Stop);

    protected async Task<string[]> KeysAsync(string prefix) => [.. (await ListAsync(prefix)).Select(item => item.Key)];
}
