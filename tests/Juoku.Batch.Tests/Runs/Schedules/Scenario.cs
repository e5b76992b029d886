using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Juoku.Batch.Models;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Runs.Workers;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Microsoft.Extensions.Logging.Abstractions;

namespace Juoku.Batch.Tests.Runs.Schedules;

/// <summary>
/// A run of a few parts, workers, and people who do things to it. The code is the product's own from the message to <c>CURRENT</c>; only
/// scoring is a stand-in, which writes the bytes that belong to the part.
/// </summary>
internal sealed record Scenario
{
    public int Parts { get; init; } = 2;

    public int Workers { get; init; } = 2;

    /// <summary>Parts that are rejected when they are scored, until somebody retries the run.</summary>
    public ImmutableHashSet<int> Bad { get; init; } = [];

    /// <summary>How many rejected parts the gate lets pass.</summary>
    public int? MaxRejectedParts { get; init; } = 0;

    public int MaxReceives { get; init; } = 5;

    /// <summary>What people do, each at a time of the schedule's choosing.</summary>
    public ImmutableArray<Func<Person, Task>> People { get; init; } = [];

    /// <summary>Whether somebody submits the run while workers are at it; else it has been submitted.</summary>
    public int Submitters { get; init; }

    /// <summary>What an actor's store is.</summary>
    public Func<World, Actor, IStore> Store { get; init; } = (world, actor) => new ScheduledStore(world, actor);

    /// <summary>What an actor's queue is.</summary>
    public Func<World, Actor, Func<int>, IQueue> Queue { get; init; } = (world, actor, skip) => new ScheduledQueue(world, actor, skip);

    /// <summary>The bytes that a worker writes for a part.</summary>
    public Func<Actor, RunPart, string> Bytes { get; init; } = (_, part) => Right(part);

    /// <summary>Sets the scene.</summary>
    public void Begin(Simulation simulation)
    {
        RunPlan plan = NewPlan();
        var repaired = new Box();
        simulation.Repaired = repaired;
        if (Submitters == 0)
        {
            simulation.World.Put(RunKeys.OpenMark(plan.Run), default, PutCondition.None);
            simulation.World.Put(RunKeys.Plan(plan.Run), RunJson.Write(plan, RunJson.Default.RunPlan), PutCondition.None);
            for (int part = 0; part < Parts; part++) simulation.World.Send(new PartMessage(plan.Run, part, World.Url).Body());
            simulation.World.Put(RunKeys.Sent(plan.Run), default, PutCondition.None);
        }

        for (int i = 0; i < Submitters; i++)
        {
            simulation.Start($"submitter-{i}", async actor =>
            {
                StorePool pool = Pool(simulation, actor);
                await new RunSubmission(pool.Open(World.Url), pool, Queue(simulation.World, actor, simulation.Skip)).SubmitAsync(plan, CancellationToken.None).ConfigureAwait(false);
            });
        }

        for (int i = 0; i < Workers; i++) simulation.Start($"worker-{i}", Worker(simulation));
        foreach ((int i, Func<Person, Task> act) in People.Index())
        {
            simulation.Start($"person-{i}", async actor =>
            {
                StorePool pool = Pool(simulation, actor);
                IStore store = pool.Open(World.Url);
                await act(new Person(RunRecords.Of(plan, store, pool), new RunSubmission(store, pool, Queue(simulation.World, actor, simulation.Skip)), actor.Time, repaired)).ConfigureAwait(false);
            });
        }
    }

    /// <summary>A worker of the product's own.</summary>
    public Func<Actor, Task> Worker(Simulation simulation) => async actor =>
    {
        var meters = new WorkerMeters(actor.Time);
        simulation.Disposables.Add(meters);
        var options = new WorkerOptions
        {
            Store = World.Url,
            Threads = 1,
            PartsAtOnce = 1,
            Visibility = TimeSpan.FromHours(1),
            Grace = TimeSpan.FromHours(1),
            StopWhenIdle = TimeSpan.Zero,
            MaxReceives = MaxReceives,
            Name = actor.Name,
        };
        var worker = new RunWorker(AdaptersOf(simulation, actor), Queue(simulation.World, actor, simulation.Skip), (run, part, stop) => ScoreAsync(simulation, actor, run, part, stop), options, meters, actor.Time, NullLogger.Instance);
        await worker.RunAsync(CancellationToken.None).ConfigureAwait(false);
    };

    /// <summary>The promises that the world does not keep now that all is over.</summary>
    public IReadOnlyList<string> Broken(Simulation simulation)
    {
        World world = simulation.World;
        RunPlan plan = NewPlan();
        var broken = new List<string>(world.Violations);
        foreach (Actor actor in simulation.Actors)
            if (actor.Fault is { } fault and not (RunException or StoreException or QueueException)) broken.Add($"{actor.Name} ended with {fault}");
        if (world.Messages > 0) broken.Add($"{world.Messages} messages are left");

        // A mark put beside a verdict that passed came too late, and counts for nothing.
        bool isCancelled = world.Find(RunKeys.Cancelled(plan.Run)) is not null && Read(world, RunKeys.Gate(plan.Run), RunJson.Default.GateVerdict) is not { Passed: true };
        bool hasSuccess = world.Find(plan.OutputFolder + RunKeys.Success) is not null;
        CurrentPointer? current = Read(world, plan.Output.Prefix + RunKeys.Current, RunJson.Default.CurrentPointer);
        PartReceipt?[] receipts = [.. Enumerable.Range(0, Parts).Select(part => world.Receipt(RunKeys.Receipt(plan.Run, part)))];
        int open = receipts.Count(receipt => receipt is not { IsFinal: true });
        if (world.Find(RunKeys.Plan(plan.Run)) is null) return broken; // who submitted it died before it was: nobody was promised anything
        if (simulation.World.Find(RunKeys.OpenMark(plan.Run)) is not null) broken.Add("the run is marked as open");
        if (open > 0 && !isCancelled) broken.Add($"{open} parts have no final receipt");
        if ((open > 0 || isCancelled) && hasSuccess) broken.Add($"_SUCCESS is there, but {(isCancelled ? "the run was cancelled" : $"{open} parts are open")}");
        if ((open > 0 || isCancelled) && current?.Run == plan.Run) broken.Add($"CURRENT names the run, but {(isCancelled ? "it was cancelled" : $"{open} parts are open")}");
        BrokenOutputs(world, plan, receipts, broken);
        if (open > 0 || isCancelled) return broken;

        RunManifest must = RunManifest.Of(plan, receipts.Select(receipt => receipt!));
        RunManifest? manifest = Read(world, plan.OutputFolder + RunKeys.Manifest, RunJson.Default.RunManifest);
        if (JsonSerializer.Serialize(manifest, RunJson.Default.RunManifest) != JsonSerializer.Serialize(must, RunJson.Default.RunManifest)) broken.Add("the manifest does not tell of the receipts");
        GateVerdict? verdict = Read(world, RunKeys.Gate(plan.Run), RunJson.Default.GateVerdict);
        if (verdict?.ReceiptsDigest != must.ReceiptsDigest) broken.Add("the verdict is not about these receipts");
        if (verdict?.Passed != hasSuccess) broken.Add($"the verdict is {verdict?.Passed}, and _SUCCESS is {(hasSuccess ? "" : "not ")}there");
        bool isCurrent = current?.Run == plan.Run, wasWithdrawn = current?.Withdrawn.Contains(plan.Run) is true;
        if (verdict?.Passed is not null && verdict.Passed != (isCurrent || wasWithdrawn)) broken.Add($"the verdict is {verdict.Passed}, and CURRENT names {current?.Run ?? "nothing"}");
        return broken;
    }

    private void BrokenOutputs(World world, RunPlan plan, PartReceipt?[] receipts, List<string> broken)
    {
        var named = new HashSet<string>();
        foreach (PartReceipt receipt in receipts.OfType<PartReceipt>())
        {
            if (receipt.Output is not { } output) continue;
            named.Add(plan.OutputFolder + output.Name);
            byte[] must = Encoding.UTF8.GetBytes(Right(new RunParts(plan)[receipt.Part]));
            if (world.Get(plan.OutputFolder + output.Name) is not { } found || !found.Content.Span.SequenceEqual(must)) broken.Add($"the output of part {receipt.Part} is missing or wrong");
            if (output.Sha256 != Convert.ToHexStringLower(SHA256.HashData(must))) broken.Add($"the receipt of part {receipt.Part} tells of other bytes");
        }

        // Only what a part that died after its output was written, or that is open, left behind may lie there; readers go by the manifest.
        HashSet<string> excused = [.. receipts.Index().Where(part => part.Item is not { State: PartState.Finished }).Select(part => plan.OutputFolder + new RunParts(plan)[part.Index].OutputName)];
        foreach (string key in world.Keys.Where(key => key.StartsWith(plan.OutputFolder + "part-", StringComparison.Ordinal)))
            if (!named.Contains(key) && !excused.Contains(key)) broken.Add($"{key} lies there, and no receipt names it");
    }

    private RunPlan NewPlan() => new RunPlan
    {
        Run = "run-1",
        Set = "click",
        Model = new PinnedModel("model", World.Url, "", "0123", [new PinnedFile("model.txt", "0123")]),
        Input = new StoreLocation(null, "in/"),
        Output = new StoreLocation(null, "predictions/click/"),
        Inputs = [.. Enumerable.Range(0, Parts).Select(part => new RunInput($"{part}.csv", 10, $"e{part}"))],
        Settings = new RunSettings(),
        Gate = new GateThresholds { MaxRejectedParts = MaxRejectedParts },
        ConfigDigest = "c",
        Created = new DateTimeOffset(2026, 11, 23, 4, 0, 0, TimeSpan.Zero),
    };

    private async Task<PartOutput> ScoreAsync(Simulation simulation, Actor actor, RunRecords run, RunPart part, CancellationToken stop)
    {
        if (Bad.Contains(part.Number) && !simulation.Repaired.IsSet) throw new TableException(part.Input.Key, "is bad");
        byte[] bytes = Encoding.UTF8.GetBytes(Bytes(actor, part));
        await using ObjectWriter writer = await run.Output.CreateAsync(run.Plan.OutputFolder + part.OutputName, stop).ConfigureAwait(false);
        writer.Stream.Write(bytes);
        await writer.CompleteAsync(stop).ConfigureAwait(false);
        return new PartOutput(part.OutputName, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)), 1 + part.Number, 0, 0, null, ScoreSummary.Empty);
    }

    private static string Right(RunPart part) => $"part {part.Number} of {part.Input.Key} {part.Input.ETag}";

    private Adapters AdaptersOf(Simulation simulation, Actor actor) => Adapters.Local.WithStore("mem", _ => Store(simulation.World, actor));

    private StorePool Pool(Simulation simulation, Actor actor) => new(AdaptersOf(simulation, actor));

    private static T? Read<T>(World world, string key, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class => world.Get(key) is { } found ? JsonSerializer.Deserialize(found.Content.Span, type) : null;
}

/// <summary>Somebody who does things to a run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Submission">Sends its messages again.</param>
/// <param name="Time">Clock.</param>
/// <param name="Repaired">Set by who has repaired the bad parts' input.</param>
internal sealed record Person(RunRecords Run, RunSubmission Submission, TimeProvider Time, Box Repaired)
{
    public static Func<Person, Task> Cancels { get; } = person => new RunControl(person.Run, person.Time).CancelAsync(CancellationToken.None);

    public static Func<Person, Task> Finishes { get; } = person => new RunFinisher(person.Run, person.Time).FinishAsync(CancellationToken.None);

    public static Func<Person, Task> RollsBack { get; } = person => new RunControl(person.Run, person.Time).RollBackAsync(CancellationToken.None);

    public static Func<Person, Task> Publishes { get; } = person => new RunControl(person.Run, person.Time).PublishAsync(force: true, CancellationToken.None);

    public static Func<Person, Task> Retries { get; } = person =>
    {
        person.Repaired.IsSet = true;
        return new RunControl(person.Run, person.Time).RetryAsync(person.Submission, CancellationToken.None);
    };

    public static Func<Person, Task> CancelsThenRetries { get; } = async person =>
    {
        await Cancels(person).ConfigureAwait(false);
        await Retries(person).ConfigureAwait(false);
    };
}

/// <summary>A flag that several share.</summary>
internal sealed class Box
{
    public bool IsSet { get; set; }
}
