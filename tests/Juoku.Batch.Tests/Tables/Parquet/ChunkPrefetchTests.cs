using Juoku.Batch.Tables.Inputs;
using Juoku.Batch.Tables.Parquet;
using Juoku.Batch.Tests.Stores;

namespace Juoku.Batch.Tests.Tables.Parquet;

public sealed class ChunkPrefetchTests
{
    private const int MostAhead = 48 << 20;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(300)]
    public void Read_ChunksSideBySide_GivesTheirBytesAndHoldsABoundedNumber(int chunks)
    {
        const int Length = 60_000_000;
        byte[] content = new byte[Length];
        new Random(1).NextBytes(content);
        var store = new MemoryStore();
        var input = new ObjectInput(store, store.Put("o", content), "o");
        int size = Length / chunks;
        ByteRange[] ranges = [.. Enumerable.Range(0, chunks).Select(i => new ByteRange((long)i * size + 3, size - 5))];
        using var prefetch = new ChunkPrefetch(input, ranges, TestContext.Current.CancellationToken);
        byte[] buffer = new byte[100_000];
        long read = 0;

        Assert.InRange(store.BytesRead, 1, MostAhead);
        for (long at = 0; at < size - 5; at += buffer.Length)
        {
            foreach (ByteRange range in ranges)
            {
                int want = (int)Math.Min(buffer.Length, range.Length - at);
                for (int done = 0; done < want;)
                {
                    int count = prefetch.Read(range.Start + at + done, buffer.AsSpan(done, want - done));
                    Assert.InRange(count, 1, want - done);
                    done += count;
                }

                Assert.True(buffer.AsSpan(0, want).SequenceEqual(content.AsSpan((int)(range.Start + at), want)));
                read += want;
            }

            // Ahead of what was read: at most the bound, a block that was asked for out of turn for each chunk, and gaps between chunks.
            Assert.InRange(store.BytesRead - read, 0, MostAhead + chunks * (1 << 16));
        }

        Assert.InRange(store.BytesRead, read, Length);
        Assert.Equal(0, prefetch.Read(ranges[0].Start, buffer));
    }

    [Fact]
    public void Read_OutsideTheChunks_GivesNothing()
    {
        var store = new MemoryStore();
        var input = new ObjectInput(store, store.Put("o", new byte[1000]), "o");
        using var prefetch = new ChunkPrefetch(input, [new ByteRange(100, 50), new ByteRange(500, 2000)], TestContext.Current.CancellationToken);

        Assert.Equal(0, prefetch.Read(99, new byte[4]));
        Assert.Equal(4, prefetch.Read(146, new byte[100]));
        Assert.Equal(0, prefetch.Read(500, new byte[4]));
    }
}
