using System.Net;
using Grpc.Net.Client;
using Juoku.App.Configuration;
using Juoku.App.Hosting;
using Juoku.App.Scaling;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Juoku.Scaling.Keda;
using Juoku.Scaling.Keda.Protocol;
using Juoku.Scaling.Observing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace Juoku.EndToEnd.Tests.Scaling;

/// <summary>A store and a queue with runs in a folder of a test's own, and the scaler served beside them on loopback.</summary>
internal sealed class KedaBed : IAsyncDisposable
{
    private const string Day = "features/click/dt=2026-11-23";

    private readonly TemporaryFolder _folder = new();
    private readonly ScalingMeters _meters = new();
    private KedaTargets? _targets;
    private WebApplication? _web;

    public KedaBed() => Directory.CreateDirectory(_folder[$"data/{Day}"]);

    public string Store => _folder["data"];

    public string Queue(string name = "queue") => $"sqlite:{_folder[name]}.db";

    public TemporaryFolder Folder => _folder;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Serves the scaler in this process.</summary>
    /// <returns>Its URL.</returns>
    public async Task<string> ServeAsync(TlsFiles? tls = null, IPAddress? address = null)
    {
        var settings = EffectiveSettings.Load(new Dictionary<string, string>(), [new("store", Store, "--store"), new("queue", Queue(), "--queue")]);
        _targets = new KedaTargets(new KedaMetadata(settings).Read, Adapters.Local, _meters, TimeProvider.System, NullLogger.Instance);
        _web = await KedaHost.StartAsync(address ?? IPAddress.Loopback, 0, tls, _targets, NullLogger.Instance, Cancellation);
        return _web.Urls.First();
    }

    public static ExternalScaler.ExternalScalerClient Client(string url, GrpcChannelOptions? options = null) => new(GrpcChannel.ForAddress(url, options ?? new()));

    /// <summary>A trigger that is decided about at every call and does not linger.</summary>
    public static ScaledObjectRef Trigger(string name = "workers", params (string Key, string Value)[] metadata)
    {
        var trigger = new ScaledObjectRef { Namespace = "test", Name = name, ScalerMetadata = { ["scalerAddress"] = "juoku-keda-scaler:9090", ["interval"] = "1ms", ["linger"] = "0s" } };
        foreach ((string key, string value) in metadata) trigger.ScalerMetadata[key] = value;
        return trigger;
    }

    /// <summary>Submits a run of small parts.</summary>
    public async Task<RunRecords> SubmitAsync(int parts, string queue = "queue", string output = "predictions/click")
    {
        _folder.Write("model.txt", TinyModel.Text);
        for (int part = 0; part < parts; part++) File.WriteAllText(_folder[$"data/{Day}/part-{part}.csv"], "id,age,price\na,20,3\nb,40,30\n");
        await using IStore store = FileStore.Open(Store);
        await using IQueue messages = SqliteQueue.Open(Queue(queue));
        var pool = new StorePool(Adapters.Local);
        RunPlan plan = await new RunPlanner(store, pool, TimeProvider.System).PlanAsync(new RunRequest
        {
            Model = await PinnedModel.OfFileAsync(_folder["model.txt"], Cancellation),
            Input = StoreLocation.Parse(Day, Store),
            Output = StoreLocation.Parse(output, Store),
            Settings = new RunSettings { Keys = ["id"] },
            Gate = new GateThresholds(),
            Deadline = TimeSpan.FromHours(1),
        }, Cancellation);
        return (await new RunSubmission(store, pool, messages).SubmitAsync(plan, Cancellation)).Run;
    }

    /// <summary>Lets a worker do all there is.</summary>
    public void Work(string queue = "queue")
    {
        JuokuResult worker = JuokuProcess.RunWithCache(_folder["cache"], "worker", "--store", Store, "--queue", Queue(queue), "--stop-when-idle", "200ms");
        Assert.True(worker.ExitCode == 0, worker.Error);
    }

    public async ValueTask DisposeAsync()
    {
        if (_web is not null) await _web.DisposeAsync();
        if (_targets is not null) await _targets.DisposeAsync();
        _meters.Dispose();
        _folder.Dispose();
    }
}
