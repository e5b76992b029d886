using Juoku.Batch.Stores;
using Juoku.Tests.Contracts;
using Juoku.Tests.Servers;

namespace Juoku.Aws.Tests.Stores;

/// <summary>The contract of stores, against Ceph's S3 gateway.</summary>
public sealed class S3StoreTests(CephFixture ceph) : StoreContract
{
    protected override async Task<IStore> OpenAsync() => await CephBucket.OpenAsync(await ceph.RunningAsync(), Guid.NewGuid().ToString("n"));

    [Fact]
    public async Task Sweep_UploadThatNeverEnded_IsAborted()
    {
        ObjectWriter writer = await Store.CreateAsync("left/behind", Stop);
        await writer.Stream.WriteAsync(Bytes(LargeSize), Stop); // and its process dies

        Assert.Equal(0, await Store.SweepAsync("", TimeSpan.FromHours(1), Stop));
        Assert.Equal(0, await Store.SweepAsync("right/", TimeSpan.Zero, Stop));
        Assert.Equal(1, await Store.SweepAsync("left/", TimeSpan.Zero, Stop));
        await Assert.ThrowsAsync<StoreException>(() => writer.CompleteAsync(Stop));
        await writer.DisposeAsync();
        Assert.Empty(await ListAsync(""));
    }
}
