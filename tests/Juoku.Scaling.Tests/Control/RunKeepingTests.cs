using Juoku.Batch.Models;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Juoku.Scaling.Control;
using Juoku.Scaling.Tests.Leadership;
using Juoku.Scaling.Tests.Observing;

namespace Juoku.Scaling.Tests.Control;

public sealed class RunKeepingTests : IAsyncDisposable
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly FleetBed _bed = new();
    private readonly CollectedLog _log = new();
    private string _champion = "1";

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Keep_LastReceiptCameAndNobodyFinished_Finishes()
    {
        RunRecords run = await _bed.SubmitAsync("dt-2026-11-25-a", parts: 2);
        RunKeeping keeping = New();
        await _bed.TakeAsync(2);
        await _bed.FinishAsync(run, 0);
        Assert.Empty(await keeping.KeepAsync(Stop));

        await _bed.FinishAsync(run, 1);
        RunNews news = Assert.Single(await keeping.KeepAsync(Stop));

        // The bed's parts have receipts and no files: the gate sees that.
        Assert.Equal((RunNewsKind.Finished, "run dt-2026-11-25-a: complete, not published: see its gate.json"), (news.Kind, news.Text));
        Assert.NotNull(await run.FindManifestAsync(Stop));
        Assert.Empty(await keeping.KeepAsync(Stop));
    }

    [Fact]
    public async Task Keep_OpenAfterItsDeadline_MarksOnceWhoeverLeads()
    {
        await _bed.SubmitAsync("dt-2026-11-25-a", parts: 2, deadline: TimeSpan.FromMinutes(10));
        RunKeeping first = New();
        Assert.Empty(await first.KeepAsync(Stop));
        Assert.Equal(0, first.Overdue);

        _bed.Clock.Advance(TimeSpan.FromMinutes(11));
        RunNews news = Assert.Single(await first.KeepAsync(Stop));
        Assert.Equal("run dt-2026-11-25-a was due at 2026-11-25 12:10:00Z, and 2 of its 2 parts are open", news.Text);
        Assert.Empty(await first.KeepAsync(Stop));

        RunKeeping second = New();
        Assert.Empty(await second.KeepAsync(Stop));
        Assert.Equal((1, 1), (first.Overdue, second.Overdue));
        Assert.NotNull(await _bed.Store.GetAsync(RunKeys.Overdue("dt-2026-11-25-a"), Stop));
    }

    [Fact]
    public async Task Keep_DayIsComplete_StartsItOnceWhateverIsPromoted()
    {
        await StandAsync();
        await PutAsync("features/click/dt=2026-11-25/part-0.csv", "1");
        Assert.Empty(await New().KeepAsync(Stop)); // not complete yet

        await PutAsync("features/click/dt=2026-11-25/_SUCCESS", "");
        RunNews news = Assert.Single(await New().KeepAsync(Stop));
        Assert.Equal(RunNewsKind.Started, news.Kind);
        _champion = "2";
        Assert.Empty(await New().KeepAsync(Stop));

        Assert.Equal([news.Run], await RunObserver.NamesAsync(_bed.Store, Stop).ToListAsync(Stop));
        Assert.Equal(1, (await _bed.Queue.CountAsync(Stop)).Visible);
    }

    [Fact]
    public async Task Keep_DayIsMadeAnew_StartsItAgain()
    {
        await StandAsync();
        await PutAsync("features/click/dt=2026-11-25/part-0.csv", "1");
        await PutAsync("features/click/dt=2026-11-25/_SUCCESS", "");
        RunNews first = Assert.Single(await New().KeepAsync(Stop));

        await PutAsync("features/click/dt=2026-11-25/part-0.csv", "22");
        await _bed.Store.DeleteAsync("features/click/dt=2026-11-25/_SUCCESS", Stop);
        await PutAsync("features/click/dt=2026-11-25/_SUCCESS", "");
        RunNews second = Assert.Single(await New().KeepAsync(Stop));

        Assert.NotEqual(first.Run, second.Run);
    }

    [Fact]
    public async Task Keep_DaysBeforeTheStandingRun_StayAsTheyAre()
    {
        await PutAsync("features/click/dt=2026-11-24/part-0.csv", "1");
        await PutAsync("features/click/dt=2026-11-24/_SUCCESS", "");
        await Task.Delay(20, Stop); // the file system's times, which tell before from after, are coarse
        await StandAsync();

        Assert.Empty(await New().KeepAsync(Stop));
    }

    [Fact]
    public async Task Keep_ModelIsMissing_SaysSoOnceAndStartsOtherDaysLater()
    {
        await StandAsync();
        await PutAsync("features/click/dt=2026-11-25/part-0.csv", "1");
        await PutAsync("features/click/dt=2026-11-25/_SUCCESS", "");
        _champion = "";
        RunKeeping keeping = New();
        RunNews news = Assert.Single(await keeping.KeepAsync(Stop));
        Assert.Equal((RunNewsKind.NotStarted, "no run of click for dt=2026-11-25/: ctr@champion: no such model"), (news.Kind, news.Text));
        Assert.Empty(await keeping.KeepAsync(Stop));

        _champion = "1";
        Assert.Equal(RunNewsKind.Started, Assert.Single(await keeping.KeepAsync(Stop)).Kind);
    }

    [Fact]
    public async Task Keep_SomeAreDamaged_OthersAreKept()
    {
        await PutAsync(RunKeys.Plan("a-damaged"), "{}");
        await PutAsync(RunKeys.OpenMark("a-damaged"), "");
        RunPlan elsewhere = _bed.Plan("a-elsewhere", parts: 1) with { Input = new StoreLocation("nowhere://bucket", "") };
        await _bed.Store.PutAsync(RunKeys.Plan("a-elsewhere"), RunJson.Write(elsewhere, RunJson.Default.RunPlan), PutCondition.None, Stop);
        await PutAsync(RunKeys.OpenMark("a-elsewhere"), "");
        await PutAsync("runs/_standing/click.json", "{}");
        await _bed.SubmitAsync("b", parts: 1, deadline: TimeSpan.FromMinutes(1));
        _bed.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("b", Assert.Single(await New().KeepAsync(Stop)).Run);
        Assert.Equal(["no days are started", "run a-damaged", "run a-elsewhere"], _log.Lines.Select(line => line.Split(':')[0]));
    }

    [Fact]
    public async Task Keep_StoreIsDown_Throws()
    {
        _bed.Store.Fails = true;

        await Assert.ThrowsAsync<StoreException>(() => New().KeepAsync(Stop));
    }

    private RunKeeping New() => new(_bed.Store, _bed.Pool, new StandingRuns(_bed.Store, _bed.Pool, _bed.Queue, PinAsync, _bed.Clock), _bed.Clock, _log);

    private Task<(PinnedModel, System.Collections.Immutable.ImmutableSortedDictionary<string, double>)> PinAsync(string model, CancellationToken cancellation) => _champion.Length == 0
        ? throw new InvalidOperationException($"{model}: no such model")
        : Task.FromResult((new PinnedModel($"ctr/{_champion}", "file:///nowhere", "", _champion, [new(PinnedModel.ModelFile, _champion)]), System.Collections.Immutable.ImmutableSortedDictionary<string, double>.Empty));

    private Task StandAsync() => StandingRuns.PutAsync(_bed.Store, new StandingRun
    {
        Model = "ctr@champion",
        Input = new StoreLocation(null, "features/click/"),
        Output = new StoreLocation(null, "predictions/click/"),
    }, Stop);

    private Task PutAsync(string key, string text) => _bed.Store.PutAsync(key, System.Text.Encoding.UTF8.GetBytes(text), PutCondition.None, Stop);
}
