using System.Globalization;
using Juoku.Aws;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Juoku.Batch.Tests;

namespace Juoku.Soak.Tests;

/// <summary>One run, from its input to the comparison of its output, with all that is done to it meanwhile.</summary>
/// <param name="place">Where.</param>
/// <param name="number">Which, from 0.</param>
/// <param name="options">How hard.</param>
/// <param name="summary">Told of everything.</param>
internal sealed class SoakRound(SoakPlace place, int number, SoakOptions options, SoakSummary summary)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly Random _random = new(unchecked(options.Seed * 1_000_003 + number));

    /// <summary>Carries the run out.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        string model = Path.Combine(place.Folder, "model", "model.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(model)!);
        await File.WriteAllTextAsync(model, TinyModel.Text(), cancellation);
        await using IStore store = place.OpenStore();
        await using IQueue queue = place.OpenQueue();
        await using var pool = new StorePool(Adapters.Local.AddAws());

        bool isCut = number % 2 == 1;
        string day = $"features/click/dt=2026-11-{1 + number % 28:D2}/";
        var input = new SoakInput(store, day, place.Folder);
        await input.WriteAsync(options.Files, _random);
        Dictionary<string, double> expected = await input.PredictAsync(model);

        var request = new RunRequest
        {
            Model = await PinnedModel.OfFileAsync(model, cancellation),
            Input = StoreLocation.Parse(day, store.Url),
            Output = StoreLocation.Parse("predictions/click", store.Url),
            Settings = new RunSettings { Keys = ["id"], MaxRejectShare = SoakInput.MaxRejectShare, PartRows = isCut ? SoakInput.GroupRows : null },
            Gate = new GateThresholds { MaxRejectedRowShare = SoakInput.MaxRejectShare },
        };
        RunPlan plan = await new RunPlanner(store, pool, TimeProvider.System).PlanAsync(request, cancellation);

        // Exactly the parts of the bad files may be rejected: one that is dead keeps the run unpublished until it is retried.
        var parts = new RunParts(plan);
        int bad = Enumerable.Range(0, parts.Count).Count(part => input.BadFiles.Contains(parts[part].Input.Key));
        plan = plan with { Gate = plan.Gate with { MaxRejectedParts = bad } };
        await input.ChangeAsync();
        var submission = new RunSubmission(store, pool, queue);
        RunRecords run = (await submission.SubmitAsync(plan, cancellation)).Run;
        int before = (int)(await queue.CountAsync(cancellation)).Dead;

        await using WorkerFleet fleet = Workers("", options.FaultRate);
        int foreign = await RunToItsEndAsync(run, submission, queue, fleet, cancellation);

        int stuck = await fleet.StopAsync();
        if (await queue.CountAsync(cancellation) is not { Visible: 0, InFlight: 0 })
        {
            // A worker that was told to stop may have given something back after the queue was seen empty; as in real life, others take it.
            await using WorkerFleet others = Workers("late-", faultRate: 0);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(options.Patience);
            await DrainAsync(queue, limit.Token, cancellation);
            stuck += await others.StopAsync();
        }
        if (stuck > 0) summary.Violations.Add($"{run.Plan.Run}: {stuck} workers did not end when told to");
        foreach ((string code, int count) in fleet.Crashes.Counts) summary.Violations.Add($"{run.Plan.Run}: {count} workers ended with {code}");

        var audit = new SoakAudit(run, input, place.Folder);
        foreach (string wrong in await audit.FindAsync(expected, queue, before + foreign)) summary.Violations.Add($"{run.Plan.Run}: {wrong}");
        summary.Runs.Add(place.Name);
        summary.Parts += run.Parts.Count;
        summary.RejectedParts += audit.RejectedParts;
        summary.Rows += audit.Rows;
        summary.RejectedRows += audit.RejectedRows;
        summary.Retries += audit.Retries;
        summary.Workers += fleet.Started;
        summary.Strikes.Add(fleet.Strikes);
        foreach (string line in Directory.EnumerateFiles(place.Folder, "*.faults").SelectMany(File.ReadLines)) summary.Faults.Add(line.Split('\t')[0]);

        WorkerFleet Workers(string prefix, double faultRate) => new(options.Workers, worker => new WorkerSetup(store.Url, place.QueueUrl,
            string.Create(CultureInfo.InvariantCulture, $"{prefix}worker-{number}-{worker}"), place.Folder, unchecked(options.Seed * 7919 + number * 1009 + worker * 3), faultRate));
    }

    /// <summary>Does harm until the run is complete, retries what was given up, and waits until no message is left.</summary>
    private async Task<int> RunToItsEndAsync(RunRecords run, RunSubmission submission, IQueue queue, WorkerFleet fleet, CancellationToken cancellation)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<int> harm = HarmAsync(run, queue, fleet, enough.Token);
        Task disturbance = options.IsLong ? DisturbAsync(enough.Token) : Task.CompletedTask;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.Patience);
        int foreign, open = run.Parts.Count;
        try
        {
            while (await OpenPartsAsync(run, submission, limit.Token) is var left and not 0)
            {
                // A slow machine is not a stuck run: patience begins anew with each part that is done or opened again.
                if (left != open) limit.CancelAfter(options.Patience);
                open = left;
                await Task.Delay(Look, limit.Token);
            }

            limit.CancelAfter(options.Patience);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            summary.Violations.Add($"{run.Plan.Run}: {open} parts open, and nothing changed for {options.Patience}");
        }
        finally
        {
            await enough.CancelAsync();
            await disturbance;
            foreign = await harm;
        }

        await DrainAsync(queue, limit.Token, cancellation);
        return foreign;
    }

    private static async Task DrainAsync(IQueue queue, CancellationToken limit, CancellationToken cancellation)
    {
        try
        {
            while (await queue.CountAsync(limit) is not { Visible: 0, InFlight: 0 }) await Task.Delay(Look, limit);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The audit says how many messages are left.
        }
    }

    /// <summary>How many parts are not done; one where all are and the run is not yet finished. Retries those that were given up.</summary>
    private async Task<int> OpenPartsAsync(RunRecords run, RunSubmission submission, CancellationToken cancellation)
    {
        try
        {
            var ledger = new ReceiptLedger(run);
            await ledger.RefreshAsync(cancellation);
            if (ledger.OpenParts > 0) return ledger.OpenParts;
            if (await run.Store.FindAsync(RunKeys.OpenMark(run.Plan.Run), cancellation) is not null) return 1;
            if (ledger.Receipts.Values.All(stored => stored.Receipt.State != PartState.Dead)) return 0;

            // A part whose workers were killed again and again is given up; who looks after the run retries it.
            (int reopened, _) = await new RunControl(run, TimeProvider.System).RetryAsync(submission, cancellation);
            summary.RevivedParts += reopened - ledger.Receipts.Values.Count(stored => stored.Receipt.State == PartState.Rejected);
            return Math.Max(1, reopened);
        }
        catch (Exception e) when (e is StoreException or QueueException)
        {
            return run.Parts.Count; // the disk is full, or the server down: look again later
        }
    }

    /// <summary>Strikes workers and sends messages nobody asked for; returns how many are for the dead letters.</summary>
    private async Task<int> HarmAsync(RunRecords run, IQueue queue, WorkerFleet fleet, CancellationToken stop)
    {
        int foreign = 0;
        string url = StoreLocation.AbsoluteUrl(run.Store.Url);
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(options.StrikeSeconds * fleet.Slowness * 2 * _random.NextDouble()), stop);
                await fleet.StrikeAsync(_random, stop);

                // Duplicates in any order, some of an earlier life of the part.
                string[] again = [.. Enumerable.Range(0, 1 + run.Parts.Count / 40).Select(_ => new PartMessage(run.Plan.Run, _random.Next(run.Parts.Count), url).Body())];
                string[] strange = foreign < 5 ? [foreign % 2 == 0 ? "not ours" : """{"run":"nobody-knows-it","part":0}"""] : [];
                try
                {
                    await queue.SendAsync([.. again, .. strange], CancellationToken.None);
                    summary.Messages.Add("duplicated", again.Length);
                    summary.Messages.Add("foreign", strange.Length);
                    foreign += strange.Length;
                }
                catch (QueueException)
                {
                    summary.Messages.Add("not sent: the queue was down or full", again.Length);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return foreign;
        }
    }

    private async Task DisturbAsync(CancellationToken stop)
    {
        var random = new Random(options.Seed + number);
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(3 + 5 * random.NextDouble()), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) return;
            try
            {
                if (await place.DisturbAsync(random, stop) is not { } what) return;
                summary.Disturbances.Add(what);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
