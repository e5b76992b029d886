using Juoku.Batch.Runs;
using Juoku.Batch.Runs.Workers;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Tests.Runs;

/// <summary>A process dies at every call it makes, before the call takes effect or after; another one finishes. Nothing is lost or doubled.</summary>
public sealed class KillPointTests
{
    private const int Parts = 2;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Worker_DiesAtAnyCall_AnotherFinishesExactly(bool takesEffect)
    {
        await using var bed = new RunBed();
        for (int call = 1; ; call++)
        {
            // Each death gets an input of its own, and so a run of its own.
            await bed.PutPartsAsync(Parts, rows: 1 + call);
            RunRecords run = await bed.SubmitAsync();
            var crash = new Crash(call, takesEffect);
            await using (RunWorker dying = bed.Worker(
                options => options with { Grace = TimeSpan.Zero, Name = "dying", PartsAtOnce = 1 }, RunBed.ScoreQuicklyAsync, new CrashingQueue(bed.Queue, crash),
                Adapters.Local.WithStore("file", url => new CrashingStore(FileStore.Open(url), crash))))
            {
                await dying.RunAsync(crash.Died);
            }

            bed.Clock.Advance(TimeSpan.FromHours(1));
            await bed.WorkAsync(score: RunBed.ScoreQuicklyAsync);

            await AssertFinishedAsync(bed, run, rows: 1 + call, $"died at call {call}");
            if (!crash.Died.IsCancellationRequested) break;
            Assert.True(call < 500, "the worker never came to an end");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Submit_DiesAtAnyCall_SubmittingAgainMakesOneRun(bool takesEffect)
    {
        await using var bed = new RunBed();
        for (int call = 1; ; call++)
        {
            await bed.PutPartsAsync(Parts, rows: 1 + call);
            var crash = new Crash(call, takesEffect);
            RunPlan plan = await bed.PlanAsync();
            await using var pool = new StorePool(Adapters.Local.WithStore("file", url => new CrashingStore(FileStore.Open(url), crash)));
            try
            {
                await new RunSubmission(pool.Open(bed.Url), pool, new CrashingQueue(bed.Queue, crash)).SubmitAsync(plan, Cancellation);
            }
            catch (Exception e) when (crash.Died.IsCancellationRequested && e is StoreException or Juoku.Batch.Queues.QueueException)
            {
                // That is what it is to die.
            }

            RunRecords run = await bed.SubmitAsync();
            Assert.Equal(plan.Run, run.Plan.Run);
            await bed.WorkAsync(score: RunBed.ScoreQuicklyAsync);

            await AssertFinishedAsync(bed, run, rows: 1 + call, $"died at call {call}");
            if (!crash.Died.IsCancellationRequested) break;
        }
    }

    [Fact]
    public async Task Retry_DiesAtAnyCall_RetryingAgainFinishes()
    {
        await using var bed = new RunBed();
        for (int call = 1; ; call++)
        {
            await bed.PutPartsAsync(Parts, rows: 1 + call);
            RunRecords run = await bed.SubmitAsync();
            await bed.WorkAsync(score: (_, part, _) => throw new Juoku.Batch.Tables.TableException(part.Input.Key, "is bad"));
            var crash = new Crash(call, takesEffect: call % 2 == 0);
            await using var pool = new StorePool(Adapters.Local.WithStore("file", url => new CrashingStore(FileStore.Open(url), crash)));
            IStore store = pool.Open(bed.Url);
            try
            {
                RunRecords dying = await RunRecords.OpenAsync(run.Plan.Run, store, pool, Cancellation);
                await new RunControl(dying, TimeProvider.System).RetryAsync(new RunSubmission(store, pool, new CrashingQueue(bed.Queue, crash)), Cancellation);
            }
            catch (Exception e) when (crash.Died.IsCancellationRequested && e is StoreException or Juoku.Batch.Queues.QueueException)
            {
                // That is what it is to die.
            }

            await new RunControl(run, TimeProvider.System).RetryAsync(bed.Submission, Cancellation);
            await bed.WorkAsync(score: RunBed.ScoreQuicklyAsync);

            await AssertFinishedAsync(bed, run, rows: 1 + call, $"died at call {call}");
            if (!crash.Died.IsCancellationRequested) break;
        }
    }

    private static async Task AssertFinishedAsync(RunBed bed, RunRecords run, int rows, string what)
    {
        RunStatus status = await new RunObserver(run, TimeProvider.System).LookAsync(Cancellation);
        Assert.True(status is { State: RunState.Published, Finished: Parts, Rejected: 0, Dead: 0 } && status.Rows == Parts * rows,
            $"{what}: {status}\n{string.Join('\n', status.Reasons)}\n{string.Join('\n', bed.Log.TakeLast(20))}");
        Assert.True(status.IsCurrent, what);
        for (int part = 0; part < Parts; part++) Assert.Equal(RunBed.QuickOutput(run.Parts[part]), await File.ReadAllTextAsync(bed.Files.PathTo(run.Plan.OutputFolder + run.Parts[part].OutputName), Cancellation));
        Assert.Equal((0, 0, 0), await bed.Queue.CountAsync(Cancellation) is var depth ? (depth.Visible, depth.InFlight, depth.Dead) : default);
        Assert.Empty(await bed.KeysAsync(RunKeys.Open));
        Assert.Empty(Directory.GetFiles(bed.Files.PathTo("predictions"), "*.partial", SearchOption.AllDirectories));
    }
}
