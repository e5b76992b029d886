using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Runs.Workers;

namespace Juoku.Batch.Tests.Runs;

public sealed class RunTests : IAsyncLifetime
{
    private readonly RunBed _bed = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Run_SomeParts_EveryKeyHasOnePredictionAndReadersGetTheRun()
    {
        await _bed.PutPartsAsync(7);
        RunRecords run = await _bed.SubmitAsync();

        await _bed.WorkAsync();

        _bed.AssertExact(run, Enumerable.Range(0, 7));
        (RunManifest manifest, _) = (await run.FindManifestAsync(Cancellation))!.Value;
        Assert.Equal((7, 0, 21, 0), (manifest.Parts, manifest.RejectedParts, manifest.Rows, manifest.RejectedRows));
        Assert.True(await run.HasSuccessAsync(Cancellation));
        Assert.Equal((run.Plan.Run, $"dt=2026-11-23/run={run.Plan.Run}/"), ((await run.FindCurrentAsync(Cancellation))!.Value.Value.Run, (await run.FindCurrentAsync(Cancellation))!.Value.Value.Folder));
        Assert.Equal(default, await _bed.Queue.CountAsync(Cancellation));
        Assert.Empty(await _bed.KeysAsync(RunKeys.Open));
    }
}
