using Juoku.Batch.Runs.Workers;

namespace Juoku.Batch.Tests.Runs;

public sealed class WorkerBusyTests
{
    [Fact]
    public async Task BusyChanged_PartsThatOverlap_TellsOnlyOfTheFirstAndTheLast()
    {
        await using var bed = new RunBed();
        await bed.PutPartsAsync(parts: 3);
        await bed.SubmitAsync();
        var told = new List<bool>();
        var allInHand = new TaskCompletionSource();
        int inHand = 0;
        await using RunWorker worker = bed.Worker(options => options with { PartsAtOnce = 3 }, async (run, part, cancellation) =>
        {
            if (Interlocked.Increment(ref inHand) == 3) allInHand.SetResult();
            await allInHand.Task.WaitAsync(cancellation);
            return await RunBed.ScoreQuicklyAsync(run, part, cancellation);
        });
        worker.BusyChanged += () =>
        {
            lock (told) told.Add(worker.IsBusy);
        };

        Assert.False(worker.IsBusy);
        await worker.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal([true, false], told);
        Assert.False(worker.IsBusy);
    }
}
