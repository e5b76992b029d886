using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Runs.Workers;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Tests.Runs;

public sealed class RunTests : IAsyncDisposable
{
    private readonly RunBed _bed = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Run_SomeParts_EveryKeyHasOnePredictionAndReadersGetTheRun()
    {
        await _bed.PutPartsAsync(7);
        RunRecords run = await _bed.SubmitAsync();

        await _bed.WorkAsync();

        _bed.AssertExact(run, Enumerable.Range(0, 7));
        (RunManifest manifest, _) = (await run.FindManifestAsync(Cancellation))!.Value;
        Assert.Equal((7, 0, 21L, 0L, 21L), (manifest.Parts, manifest.RejectedParts, manifest.Rows, manifest.RejectedRows, manifest.KeyedRows));
        Assert.True(await run.HasSuccessAsync(Cancellation));
        CurrentPointer current = (await run.FindCurrentAsync(Cancellation))!.Value.Value;
        Assert.Equal((run.Plan.Run, $"dt=2026-11-23/run={run.Plan.Run}/"), (current.Run, current.Folder));
        Assert.Equal(default, await _bed.Queue.CountAsync(Cancellation));
        Assert.Empty(await _bed.KeysAsync(RunKeys.Open));
    }

    [Fact]
    public async Task Run_SameAsPredict_HasItsBytes()
    {
        await _bed.PutPartsAsync(1, rows: 50);
        RunRecords run = await _bed.SubmitAsync();

        await _bed.WorkAsync();

        string predicted = Path.Combine(Path.GetTempPath(), $"juoku-{Guid.NewGuid():N}.parquet");
        try
        {
            var options = new Juoku.Batch.Predicting.PredictionOptions { Model = run.Plan.Model.Name, Inputs = [_bed.Files.PathTo(RunBed.Day + "part-00000.csv")], Output = predicted, Keys = ["id"] };
            await Juoku.Batch.Predicting.Prediction.RunAsync(options, new Juoku.Batch.Predicting.PredictionProgress(), Cancellation);
            Assert.Equal(await File.ReadAllBytesAsync(predicted, Cancellation), await File.ReadAllBytesAsync(_bed.Files.PathTo(run.Plan.OutputFolder + "part-00000.parquet"), Cancellation));
        }
        finally
        {
            File.Delete(predicted);
        }
    }

    [Fact]
    public async Task Submit_Twice_MakesOneRunAndOneSetOfMessages()
    {
        await _bed.PutPartsAsync(3);
        Submitted first = await _bed.Submission.SubmitAsync(await _bed.PlanAsync(), Cancellation);
        Submitted second = await _bed.Submission.SubmitAsync(await _bed.PlanAsync(), Cancellation);

        Assert.Equal((true, 3, false, 0), (first.IsNew, first.Sent, second.IsNew, second.Sent));
        Assert.Equal(first.Run.Plan.Run, second.Run.Plan.Run);
        Assert.Equal(3, (await _bed.Queue.CountAsync(Cancellation)).Visible);
    }

    [Fact]
    public async Task Submit_InputReplaced_MakesAnotherRun()
    {
        await _bed.PutPartsAsync(1);
        RunPlan first = await _bed.PlanAsync();
        await _bed.PutAsync("part-00000.csv", RunBed.Csv(0, 5));

        Assert.NotEqual(first.Run, (await _bed.PlanAsync()).Run);
    }

    [Fact]
    public async Task Worker_MessagesTwiceAndOutOfOrder_CountOnce()
    {
        await _bed.PutPartsAsync(5);
        RunRecords run = await _bed.SubmitAsync();
        await _bed.Submission.SendAsync(run, Enumerable.Range(0, 5).Reverse().Select(part => (part, 0)), Cancellation);

        await _bed.WorkAsync();

        _bed.AssertExact(run, Enumerable.Range(0, 5));
        Assert.Equal(15, (await run.FindManifestAsync(Cancellation))!.Value.Value.Rows);
    }

    [Fact]
    public async Task Worker_VisibilityExpiresInMidPart_BothFinishAndOneReceiptCounts()
    {
        await _bed.PutPartsAsync(1);
        RunRecords run = await _bed.SubmitAsync();
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        await using RunWorker slow = _bed.Worker(options => options with { Name = "slow" }, async (r, part, stop) =>
        {
            PartOutput output = await _bed.Scorer.ScoreAsync(r, part, stop);
            started.SetResult();
            await go.Task;
            return output;
        });
        Task slowWork = slow.RunAsync(Cancellation);
        await started.Task;

        _bed.Clock.Advance(TimeSpan.FromHours(1));
        await _bed.WorkAsync(options => options with { Name = "quick" });
        go.SetResult();
        await slowWork;

        _bed.AssertExact(run, [0]);
        Assert.Equal("quick", (await run.FindReceiptAsync(0, Cancellation))!.Receipt.Worker);
        Assert.Contains(_bed.Log, line => line.Contains("another attempt was quicker"));
    }

    [Fact]
    public async Task Worker_BadPart_IsRejectedWithItsReasonAndTheRestGoesOn()
    {
        await _bed.PutPartsAsync(2);
        await _bed.PutAsync("part-00002.csv", "id,age\n1,2\n");
        RunRecords run = await _bed.SubmitAsync();

        await _bed.WorkAsync();

        RunStatus status = await new RunObserver(run, TimeProvider.System).LookAsync(Cancellation);
        Assert.Equal((RunState.Unpublished, 2, 1), (status.State, status.Finished, status.Rejected));
        Assert.Contains("no column for the model's feature 'price'", Assert.Single(status.Faults).Reason);
        Assert.Contains("1 of 3 parts have no output", Assert.Single(status.Reasons));
        Assert.Null(await run.FindCurrentAsync(Cancellation));
        Assert.False(await run.HasSuccessAsync(Cancellation));
    }

    [Fact]
    public async Task Worker_TwoRunsEndTogether_FinishesBothWithoutWaitingForMessages()
    {
        await _bed.PutPartsAsync(4);
        RunRecords[] runs = [await _bed.SubmitAsync(), await _bed.SubmitAsync(request => request with { Output = StoreLocation.Parse("predictions/other", _bed.Url) })];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using RunWorker worker = _bed.Worker(options => options with { Poll = TimeSpan.FromMinutes(5), StopWhenIdle = null });
        Task working = worker.RunAsync(stop.Token);

        for (int look = 0; look < 1_000 && !(await runs[0].HasSuccessAsync(Cancellation) && await runs[1].HasSuccessAsync(Cancellation)); look++)
            await Task.Delay(20, Cancellation);
        await stop.CancelAsync();
        await working;

        foreach (RunRecords run in runs) Assert.True(await run.HasSuccessAsync(Cancellation), $"{run.Plan.Run} was not finished");
    }

    [Fact]
    public async Task Worker_SomeBadRows_AreSetAsideWithLineAndReason()
    {
        await _bed.PutAsync("part-00000.csv", RunBed.Csv(0, 3) + "0-3,x,1,1\n");
        RunRecords run = await _bed.SubmitAsync(request => request with { Settings = request.Settings with { MaxRejectShare = 0.25 }, Gate = request.Gate with { MaxRejectedRowShare = 0.25 } });

        await _bed.WorkAsync();

        _bed.AssertExact(run, [0]);
        string rejects = await File.ReadAllTextAsync(_bed.Files.PathTo(run.Plan.OutputFolder + "_rejects/part-00000.jsonl"), Cancellation);
        Assert.Contains("\"line\":5", rejects);
        Assert.Contains("'x' is not a number", rejects);
        Assert.Equal(1, (await run.FindManifestAsync(Cancellation))!.Value.Value.RejectedRows);
    }

    [Fact]
    public async Task Worker_TooManyBadRows_RejectsThePart()
    {
        await _bed.PutAsync("part-00000.csv", RunBed.Csv(0, 3) + "0-3,x,1,1\n");
        RunRecords run = await _bed.SubmitAsync(request => request with { Settings = request.Settings with { MaxRejectShare = 0.1 } });

        await _bed.WorkAsync();

        PartReceipt receipt = (await run.FindReceiptAsync(0, Cancellation))!.Receipt;
        Assert.Equal(PartState.Rejected, receipt.State);
        Assert.Contains("part-00000.csv:5: column", receipt.Fault!.Reason);
        Assert.Contains("1 of 4 rows are bad, and --max-reject-share allows 0.1 of them", receipt.Fault.Reason);
        Assert.Equal(("part-00000.csv", "age", 5L), (receipt.Fault.File, receipt.Fault.Column, receipt.Fault.Row));
        Assert.DoesNotContain(await _bed.KeysAsync("predictions/"), key => key.Contains("part-"));
    }

    [Theory]
    [InlineData(false, "now it has ETag")]
    [InlineData(true, "now it is gone")]
    public async Task Worker_InputChangedSinceSubmit_IsRejectedWithBothVersions(bool isGone, string message)
    {
        await _bed.PutPartsAsync(1);
        RunRecords run = await _bed.SubmitAsync();
        if (isGone) await _bed.Files.DeleteAsync(RunBed.Day + "part-00000.csv", Cancellation);
        else await _bed.PutAsync("part-00000.csv", RunBed.Csv(0, 9));

        await _bed.WorkAsync();

        string reason = (await run.FindReceiptAsync(0, Cancellation))!.Receipt.Fault!.Reason;
        Assert.Contains($"it had ETag {run.Plan.Inputs[0].ETag}", reason);
        Assert.Contains(message, reason);
    }

    [Theory]
    [InlineData("hello", "not JSON")]
    [InlineData("[]", "no object")]
    [InlineData("""{"some":"thing"}""", "neither a part of a run nor an S3 event")]
    [InlineData("""{"run":"nobody-knows","part":0}""", "there is no run 'nobody-knows'")]
    [InlineData("""{"run":"../../etc","part":0}""", "names no run")]
    [InlineData("""{"run":"x"}""", "is not ours")]
    [InlineData("""{"run":"x","part":0,"store":"ftp://x"}""", "no such kind of store")]
    public async Task Worker_ForeignMessage_GoesToTheDeadLettersAtOnce(string body, string reason)
    {
        await _bed.Queue.SendAsync([body], Cancellation);

        await _bed.WorkAsync();

        QueueDepth depth = await _bed.Queue.CountAsync(Cancellation);
        Assert.Equal((0L, 0L, 1L), (depth.Visible, depth.InFlight, depth.Dead));
        Assert.Contains(_bed.Log, line => line.Contains("to the dead letters") && line.Contains(reason));
    }

    [Fact]
    public async Task Worker_PartThatKillsWorkers_IsDeadAfterSomeReceives()
    {
        await _bed.PutPartsAsync(2);
        RunRecords run = await _bed.SubmitAsync();
        for (int death = 0; death < 2; death++)
        {
            Assert.Equal(2, (await _bed.Queue.ReceiveAsync(2, TimeSpan.Zero, TimeSpan.FromMinutes(1), Cancellation)).Count);
            _bed.Clock.Advance(TimeSpan.FromMinutes(2));
        }

        await _bed.WorkAsync(options => options with { MaxReceives = 2 });

        RunStatus status = await new RunObserver(run, TimeProvider.System).LookAsync(Cancellation);
        Assert.Equal((RunState.Unpublished, 2), (status.State, status.Dead));
        Assert.Contains("received 2 times, and no worker lived to finish it", status.Faults[0].Reason);
        Assert.Equal(2, (await _bed.Queue.CountAsync(Cancellation)).Dead);
    }

    [Fact]
    public async Task Worker_StoreFailsForAWhile_GivesPartsBackAndFinishesThem()
    {
        await _bed.PutPartsAsync(3);
        RunRecords run = await _bed.SubmitAsync();
        int failures = 4;

        Task work = _bed.WorkAsync(
            options => options with { MaxReceives = 1, StopWhenIdle = TimeSpan.FromSeconds(1) },
            (r, part, stop) => Interlocked.Decrement(ref failures) >= 0 ? throw new StoreException("store", "is down") : _bed.Scorer.ScoreAsync(r, part, stop));
        await work;

        _bed.AssertExact(run, Enumerable.Range(0, 3));
        Assert.Equal(default, await _bed.Queue.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Worker_ToldToStopWithoutGrace_GivesItsPartBackAtOnce()
    {
        await _bed.PutPartsAsync(1);
        RunRecords run = await _bed.SubmitAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using RunWorker worker = _bed.Worker(options => options with { Grace = TimeSpan.Zero }, async (_, _, giveUp) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, giveUp);
            throw new InvalidOperationException("never");
        });

        await worker.RunAsync(stop.Token);

        Assert.Equal(1, (await _bed.Queue.CountAsync(Cancellation)).Visible);
        await _bed.WorkAsync();
        _bed.AssertExact(run, [0]);
    }

    [Fact]
    public async Task Worker_ToldToStopWithGrace_FinishesItsPart()
    {
        await _bed.PutPartsAsync(1);
        RunRecords run = await _bed.SubmitAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using RunWorker worker = _bed.Worker(score: async (r, part, giveUp) =>
        {
            await stop.CancelAsync();
            return await _bed.Scorer.ScoreAsync(r, part, giveUp);
        });

        await worker.RunAsync(stop.Token);

        Assert.Equal(PartState.Finished, (await run.FindReceiptAsync(0, Cancellation))!.Receipt.State);
        Assert.Equal(default, await _bed.Queue.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Cancel_RunInTheQueue_DropsItsMessagesAndRetryTakesItUpAgain()
    {
        await _bed.PutPartsAsync(2);
        RunRecords run = await _bed.SubmitAsync();

        Assert.True(await new RunControl(run, TimeProvider.System).CancelAsync(Cancellation));
        await _bed.WorkAsync();

        Assert.Equal(RunState.Cancelled, (await new RunObserver(run, TimeProvider.System).LookAsync(Cancellation)).State);
        Assert.Equal(default, await _bed.Queue.CountAsync(Cancellation));
        Assert.Empty(await _bed.KeysAsync("predictions/"));
        await Assert.ThrowsAsync<RunException>(() => _bed.SubmitAsync());

        await new RunControl(run, TimeProvider.System).RetryAsync(_bed.Submission, Cancellation);
        await _bed.WorkAsync();
        _bed.AssertExact(run, Enumerable.Range(0, 2));
    }

    [Fact]
    public async Task Retry_RejectedPart_IsDoneAgainAndTheRunIsJudgedAgain()
    {
        await _bed.PutPartsAsync(2);
        RunRecords run = await _bed.SubmitAsync();
        await _bed.WorkAsync(score: (r, part, stop) => part.Number == 1 ? throw new Juoku.Batch.Tables.TableException("x", "is bad") : _bed.Scorer.ScoreAsync(r, part, stop));
        Assert.Equal(RunState.Unpublished, (await new RunObserver(run, TimeProvider.System).LookAsync(Cancellation)).State);

        Assert.Equal((1, 1), await new RunControl(run, TimeProvider.System).RetryAsync(_bed.Submission, Cancellation));
        await _bed.WorkAsync();

        _bed.AssertExact(run, Enumerable.Range(0, 2));
        RunStatus status = await new RunObserver(run, TimeProvider.System).LookAsync(Cancellation);
        Assert.Equal((RunState.Published, 2, true), (status.State, status.Finished, status.IsCurrent));
    }

    [Fact]
    public async Task Publish_AfterAFailedGate_NeedsForceAndRollBackGoesBack()
    {
        await _bed.PutPartsAsync(2);
        RunRecords first = await _bed.SubmitAsync();
        await _bed.WorkAsync();
        await _bed.PutPartsAsync(2, rows: 40);
        RunRecords second = await _bed.SubmitAsync(request => request with { Gate = new GateThresholds { MaxPsi = null, MaxMeanShift = null } });
        await _bed.WorkAsync();
        Assert.Contains("the run has 80 rows where run", (await second.FindVerdictAsync(Cancellation))!.Value.Value.Reasons[0]);

        var control = new RunControl(second, TimeProvider.System);
        await Assert.ThrowsAsync<RunException>(() => control.PublishAsync(force: false, Cancellation));
        await control.PublishAsync(force: true, Cancellation);
        Assert.Equal(second.Plan.Run, (await first.FindCurrentAsync(Cancellation))!.Value.Value.Run);
        Assert.True(await second.HasSuccessAsync(Cancellation));

        Assert.Equal(first.Plan.Run, await control.RollBackAsync(Cancellation));
        await new RunFinisher(second, TimeProvider.System).FinishAsync(Cancellation);
        Assert.Equal(first.Plan.Run, (await first.FindCurrentAsync(Cancellation))!.Value.Value.Run);
    }

    [Fact]
    public async Task StandingRun_DayIsAnnouncedTwice_MakesOneRunWhenItsSuccessIsThere()
    {
        // The folder stands in for a bucket: a scheme of its own, over the same files.
        await _bed.PutPartsAsync(2);
        Adapters adapters = _bed.Adapters.WithStore("s3", _ => FileStore.Open(_bed.Url));
        RunRequest request = await _bed.RequestAsync();
        await StandingRuns.PutAsync(_bed.Files, new StandingRun
        {
            Model = "ctr@champion",
            Input = new StoreLocation("s3://bucket", "features/click/"),
            Output = request.Output,
            Settings = request.Settings,
        }, Cancellation);
        static string Event(string name) => """
            {"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"bucket"},
            "object":{"key":"features/click/dt%3D2026-11-23/NAME","size":1,"eTag":"x"}}}]}
            """.Replace("NAME", name);
        await _bed.Queue.SendAsync([Event("part-00000.csv"), Event("_SUCCESS"), Event("_SUCCESS")], Cancellation);

        await using (var worker = new RunWorker(adapters, _bed.Queue, _bed.Scorer.ScoreAsync, _bed.Options, new WorkerMeters(TimeProvider.System), TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, (_, _) => Task.FromResult((request.Model, request.ModelMetrics))))
        {
            await worker.RunAsync(Cancellation);
        }

        string name = Assert.Single(await RunObserver.NamesAsync(_bed.Store, Cancellation).ToListAsync(Cancellation));
        await using var pool = new StorePool(adapters);
        RunRecords run = await RunRecords.OpenAsync(name, _bed.Store, pool, Cancellation);
        _bed.AssertExact(run, Enumerable.Range(0, 2));
        Assert.Equal(("2026-11-23", RunState.Published), (run.Plan.Day, (await new RunObserver(run, TimeProvider.System).LookAsync(Cancellation)).State));
    }
}
