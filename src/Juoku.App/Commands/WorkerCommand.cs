using System.CommandLine;
using Juoku.App.Configuration;
using Juoku.App.Observing;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs.Workers;
using Juoku.Batch.Stores;
using Juoku.Scaling.Kubernetes;

namespace Juoku.App.Commands;

/// <summary><c>juoku worker</c>: takes parts from the queue until it is told to stop.</summary>
internal sealed class WorkerCommand : Command, IHasExample
{
    private readonly Option<int> _threads = new("--threads", "-t") { Description = "Threads that decode and score.", HelpName = "n", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<int?> _parts = new("--parts-at-once") { Description = "Parts in hand at a time. [default: one more than threads, at most 4]", HelpName = "n" };
    private readonly Option<TimeSpan?> _grace = DurationOption.Of("--grace", "How long parts in hand may go on after SIGTERM; then they are given back. [default: 25s]");
    private readonly Option<TimeSpan?> _visibility = DurationOption.Of("--visibility", "How long a message stays invisible; extended at a third of that. [default: 90s]");
    private readonly Option<int> _receives = new("--max-receives") { Description = "How often a part's message may be received before the part is dead.", HelpName = "n", DefaultValueFactory = _ => 5 };
    private readonly Option<TimeSpan?> _idle = DurationOption.Of("--stop-when-idle", "End when there has been no message for so long.");
    private readonly Option<bool> _mark = new("--mark-pod") { Description = "Mark the own pod as busy or idle, so that Kubernetes stops idle ones first. Needs POD_NAME and POD_NAMESPACE, and the right to patch pods." };
    private readonly ProbeOptions _probes = new();
    private readonly Option<bool> _parent = new("--stop-with-parent") { Description = "Stop when standard input ends, as it does when a supervisor dies." };

    private static readonly TimeSpan IdleBeforeMarked = TimeSpan.FromSeconds(5);

    private WorkerCommand()
        : base("worker", "Predict parts of runs from the queue until told to stop (SIGTERM), then finish or give back what is in hand.")
    {
        Options.Add(SettingOption.Store());
        Options.Add(SettingOption.Queue());
        foreach (Option option in (Option[])[_threads, _parts, _grace, _visibility, _receives, _idle, _mark, _parent]) Options.Add(option);
        _probes.AddTo(this);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku worker
        juoku worker --queue sqs://parts --store s3://bucket --metrics-port 9464 --metrics-address ::
        juoku worker --stop-when-idle 5s
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new WorkerCommand();

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        Settings settings = EffectiveSettings.Load(arguments).Values;
        var options = new WorkerOptions
        {
            Store = settings.Store,
            Threads = arguments.GetValue(_threads),
            PartsAtOnce = arguments.GetValue(_parts),
            Grace = arguments.GetValue(_grace) ?? TimeSpan.FromSeconds(25),
            Visibility = arguments.GetValue(_visibility) ?? TimeSpan.FromSeconds(90),
            MaxReceives = arguments.GetValue(_receives),
            StopWhenIdle = arguments.GetValue(_idle),
        };
        options.Validate();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (arguments.GetValue(_parent)) _ = StopWithParentAsync(stop);
        var log = new ConsoleLog(Console.Error, isForPeople: !Console.IsErrorRedirected, TimeProvider.System);
        using var meters = new WorkerMeters(TimeProvider.System);
        await using IQueue queue = QueueConnection.Open(settings.Queue);
        var scorer = new PartScorer(new LoadedModels(new ModelCache(Connections.Adapters)), options.ThreadsPerPart);
        await using IStore store = Connections.Adapters.OpenStore(settings.Store);
        await using var worker = new RunWorker(Connections.Adapters, queue, scorer.ScoreAsync, options, meters, TimeProvider.System, log,
            (model, stop) => RegisteredModel.PinAsync(model, store, stop));
        await using ProbeEndpoint? probes = await _probes.StartAsync(arguments, [WorkerMeters.MeterName], () => worker.IsReady && !stop.IsCancellationRequested, log, stop.Token);
        using ClusterConnection? cluster = arguments.GetValue(_mark) ? ClusterConnection.Open(null, Variable("POD_NAMESPACE"), TimeProvider.System) : null;
        await using PodMark? mark = cluster is null ? null : new PodMark(cluster, Variable("POD_NAME"), () => worker.IsBusy, IdleBeforeMarked, TimeProvider.System, log);
        if (mark is not null) worker.BusyChanged += mark.Changed;
        await worker.RunAsync(stop.Token);
        return ExitCode.Done;
    }

    private static async Task StopWithParentAsync(CancellationTokenSource stop)
    {
        await using Stream input = Console.OpenStandardInput();
        byte[] ignored = new byte[256];
        while (await input.ReadAsync(ignored) > 0)
        {
        }

        await stop.CancelAsync();
    }

    private static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new UsageException($"--mark-pod: {name} is not set; pass it on to the container by the downward API");
}
