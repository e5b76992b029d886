using System.Collections.Immutable;
using System.CommandLine;
using Juoku.App.Configuration;
using Juoku.App.Observing;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Juoku.Scaling.Control;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Leadership;
using Juoku.Scaling.Observing;
using Microsoft.Extensions.Logging;

namespace Juoku.App.Commands;

/// <summary><c>juoku controller</c>: scales the workers on Kubernetes, and sees to runs, until it is told to stop.</summary>
internal sealed class ControllerCommand : Command, IHasExample
{
    private readonly Option<string> _deployment = new("--deployment", "-d") { Description = "Deployment of the workers.", HelpName = "name", Required = true };
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "Its namespace. [default: the pod's, or that of the kubeconfig]", HelpName = "name" };
    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "How to reach the cluster. [default: the pod's service account; outside of a pod, the user's own kubeconfig]", HelpName = "file" };
    private readonly Option<string?> _lease = new("--lease") { Description = "Lease by which several controllers elect the one that acts. [default: the Deployment's name and '-controller']", HelpName = "name" };
    private readonly Option<string?> _identity = new("--identity") { Description = "What this one is called in the Lease. [default: $POD_NAME, or the machine's name]", HelpName = "name" };
    private readonly ProbeOptions _probes = new();

    private ControllerCommand()
        : base("controller", "Scale the workers on Kubernetes so that runs meet their deadlines; start the runs of standing days, finish runs, mark overdue ones. Run two: one acts, one stands by.")
    {
        Options.Add(SettingOption.Store());
        Options.Add(SettingOption.Queue());
        foreach (Option option in (Option[])[_deployment, _namespace, _kubeconfig, _lease, _identity]) Options.Add(option);
        _probes.AddTo(this);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public string Example => """
        juoku controller --deployment juoku-worker
        juoku controller --deployment juoku-worker --store s3://bucket --queue sqs://parts --metrics-port 9464 --metrics-address ::
        juoku controller --deployment juoku-worker --namespace ads --kubeconfig ~/.kube/config
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new ControllerCommand();

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        Settings settings = EffectiveSettings.Load(arguments).Values;
        settings.Scaling.Limits();
        TimeProvider time = TimeProvider.System;
        var log = new ConsoleLog(Console.Error, isForPeople: !Console.IsErrorRedirected, time);
        using ClusterConnection cluster = ClusterConnection.Open(arguments.GetValue(_kubeconfig), arguments.GetValue(_namespace), time);
        var workers = new WorkerDeployment(cluster, arguments.GetRequiredValue(_deployment));
        string lease = arguments.GetValue(_lease) ?? $"{workers.Name}-controller";
        await CheckAsync(cluster, workers, lease, cancellation);

        await using IQueue queue = QueueConnection.Open(settings.Queue);
        await using var pool = new StorePool(Connections.Adapters);
        IStore store = pool.Open(settings.Store);
        using var meters = new ScalingMeters();
        string identity = arguments.GetValue(_identity) ?? Environment.GetEnvironmentVariable("POD_NAME") ?? Environment.MachineName;
        var election = new LeaderElection(cluster, new() { Lease = lease, Identity = identity }, time, log);
        var events = new ClusterEvents(cluster, workers.Name, election.Holder, time, log);
        var standing = new StandingRuns(store, pool, queue, (model, stop) => RegisteredModel.PinAsync(model, store, stop), time);
        var keeping = new RunKeeping(store, pool, standing, time, log);
        var scaling = new WorkerScaling(workers, new FleetReader(store, pool, queue, time).ReadAsync, settings.Scaling, events, time, log,
            new Meter(meters, keeping, $"{cluster.Namespace}/{workers.Name}"));
        await using ProbeEndpoint? endpoint = await _probes.StartAsync(arguments, [ScalingMeters.MeterName], () => !cancellation.IsCancellationRequested, log, cancellation);

        log.LogInformation("{Deployment} in namespace {Namespace} of {Server}: {Min} to {Max} workers, lease {Lease}, as {Holder}",
            workers.Name, cluster.Namespace, cluster.Server, settings.Scaling.Min, settings.Scaling.Max, lease, election.Holder);
        await new Controller(election, scaling, keeping, events, time, log) { LeadingChanged = isLeader => Tell(meters, isLeader, $"{cluster.Namespace}/{workers.Name}") }.RunAsync(cancellation);
        return ExitCode.Done;
    }

    /// <summary>Says at the start what would fail later, all of it in one line.</summary>
    private static async Task CheckAsync(ClusterConnection cluster, WorkerDeployment workers, string lease, CancellationToken cancellation)
    {
        ImmutableArray<ClusterRight> missing = await ClusterRight.MissingAsync(cluster, ClusterRight.OfController, workers.Name, lease, cancellation);
        if (missing.Length > 0)
            throw new ClusterException(ClusterFault.Forbidden, $"this account may not {string.Join(", ", missing)} in namespace {cluster.Namespace}; grant it in a Role, as the chart's does");
        await workers.LookAsync(cancellation);
    }

    private static void Tell(ScalingMeters meters, bool isLeader, string target)
    {
        meters.Leads(isLeader);
        if (!isLeader) meters.Forget(target);
    }

    private sealed class Meter(ScalingMeters meters, RunKeeping keeping, string target) : IProgress<ScalingStep>
    {
        public void Report(ScalingStep value)
        {
            meters.Decided(target, value.Fleet, value.Counts, value.Decided);
            meters.Overdue(keeping.Overdue);
        }
    }
}
