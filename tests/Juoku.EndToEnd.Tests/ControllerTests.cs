using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Juoku.Tests.Servers;

namespace Juoku.EndToEnd.Tests;

/// <summary><c>juoku controller</c> as a process, on a stand-in for Kubernetes and with a run that a real worker predicts.</summary>
public sealed class ControllerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ApiServer _server = null!;

    private string[] Stores => ["--store", _folder["data"], "--queue", $"sqlite:{_folder["queue.db"]}"];

    public async ValueTask InitializeAsync()
    {
        _server = await ApiServer.StartAsync();
        _folder.Write("kubeconfig", _server.Kubeconfig("controller"));
        _server.Objects.Create(new("test", "create", "apps", "deployments", "default", ""), JsonNode.Parse("""
            {"metadata":{"name":"workers"},"spec":{"replicas":0,"selector":{"matchLabels":{"app":"worker"}},"template":{}}}
            """)!.AsObject());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Controller_RunIsSubmittedThenPredicted_ScalesFromZeroAndBackThenHandsOver()
    {
        await using RunningJuoku controller = Controller();
        await controller.SaysAsync("(leading): term 0");
        Submit();
        await RunningJuoku.UntilAsync(() => Task.FromResult(Replicas() > 0));

        await using RunningJuoku standBy = Controller();
        await RunningJuoku.UntilAsync(async () => (await MetricsAsync(standBy)).Contains("juoku_leader_is_leader{} 0", StringComparison.Ordinal));
        string metrics = await MetricsAsync(controller);
        Assert.Contains("juoku_leader_is_leader{} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("juoku_replicas_wanted{target=\"default/workers\"} 1", metrics, StringComparison.Ordinal);

        JuokuResult worker = JuokuProcess.RunWithCache(_folder["cache"], ["worker", .. Stores, "--threads", "1", "--stop-when-idle", "300ms"]);
        Assert.Equal(0, worker.ExitCode);
        await RunningJuoku.UntilAsync(() => Task.FromResult(Replicas() == 0));
        Assert.Contains("\"published\"", JuokuProcess.Run(["run", "list", .. Stores[..2], "--json"]).Output, StringComparison.Ordinal);

        long start = Stopwatch.GetTimestamp();
        controller.Terminate();
        await standBy.SaysAsync("(leading): term 1");
        TestContext.Current.TestOutputHelper?.WriteLine($"from SIGTERM until another leads: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s");
        Assert.Equal(0, await controller.EndAsync());
        await controller.SaysAsync("(handed over): term 0");
        Assert.Equal(["0", "1", "0"], Scales());
    }

    [Fact]
    public async Task Controller_LeaderIsKilled_AnotherTakesOverAfterTheLease()
    {
        await using RunningJuoku first = Controller();
        await first.SaysAsync("(leading): term 0");
        await using RunningJuoku second = Controller();
        await second.SaysAsync("(default) of|(workers) in namespace");
        first.Kill();
        await first.EndAsync();

        await second.SaysAsync("(leading): term 1");
        Submit();
        await RunningJuoku.UntilAsync(() => Task.FromResult(Replicas() > 0));
    }

    [Fact]
    public async Task Controller_StandingDayIsComplete_StartsItsRun()
    {
        _folder.Write("model.txt", TinyModel.Text);
        Directory.CreateDirectory(_folder["data/features/click/dt=2026-11-25"]);
        JuokuResult standing = JuokuProcess.Run(["run", "submit", "--standing", "--model", _folder["model.txt"], "--input", "features/click", "--output", "predictions/click", .. Stores]);
        Assert.Equal(0, standing.ExitCode);
        File.WriteAllText(_folder["data/features/click/dt=2026-11-25/part-0.csv"], "age,price\n20,5\n");
        File.WriteAllText(_folder["data/features/click/dt=2026-11-25/_SUCCESS"], "");

        await using RunningJuoku controller = Controller();
        string run = await controller.SaysAsync("run (dt-2026-11-25-[0-9a-f]+) of click started");

        Assert.Contains(run, JuokuProcess.Run(["run", "list", .. Stores[..2], "--json"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Controller_NoSuchKubeconfig_SaysSo() =>
        AssertFails(3, $"juoku: there is no kubeconfig {_folder["nothing"]}, and this is no pod; name one by --kubeconfig", "--deployment", "workers", "--kubeconfig", _folder["nothing"]);

    [Fact]
    public void Controller_KubeconfigOfAnotherKind_SaysWhich() =>
        AssertFails(3, $"juoku: {_folder.Write("broken", "a: [b")} cannot be used to connect to Kubernetes: ", "--deployment", "workers", "--kubeconfig", _folder["broken"]);

    [Fact]
    public void Controller_NoSuchDeployment_SaysSo() =>
        AssertFails(4, "juoku: cannot read the scale of deployment nothing in namespace default: deployments \"nothing\" not found", "--deployment", "nothing", "--kubeconfig", _folder["kubeconfig"]);

    [Fact]
    public void Controller_WithoutRights_NamesAllThatAreMissing()
    {
        _server.Deny("controller", "patch", "deployments/scale");
        _server.Deny("controller", "update", "leases");

        AssertFails(1, "juoku: this account may not patch deployments/scale, update leases in namespace default; grant it in a Role, as the chart's does", "--deployment", "workers", "--kubeconfig", _folder["kubeconfig"]);
    }

    [Fact]
    public async Task Controller_NobodyListens_SaysSo()
    {
        await _server.StopAsync();

        AssertFails(1, $"juoku: cannot ask for its own rights in namespace default: no answer of {_server.Url}/: ", "--deployment", "workers", "--kubeconfig", _folder["kubeconfig"]);
    }

    [Fact]
    public void Controller_NoDeploymentNamed_IsUsage() => AssertFails(2, "juoku: Option '--deployment' is required.");

    private static void AssertFails(int code, string begin, params string[] arguments)
    {
        JuokuResult result = JuokuProcess.Run(["controller", .. arguments]);
        Assert.StartsWith(begin, result.Error, StringComparison.Ordinal);
        Assert.Equal((code, 1), (result.ExitCode, result.Error.TrimEnd().Split('\n').Length));
    }

    private RunningJuoku Controller() => new(
        [("JUOKU__SCALING__INTERVAL", "200ms"), ("JUOKU__SCALING__LINGER", "0s")],
        ["controller", "--deployment", "workers", "--kubeconfig", _folder["kubeconfig"], "--metrics-port", "0", .. Stores]);

    private static async Task<string> MetricsAsync(RunningJuoku controller)
    {
        string url = await controller.SaysAsync("/metrics on (http://[^\"]+)");
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"{url}/metrics"), TestContext.Current.CancellationToken);
    }

    private void Submit()
    {
        _folder.Write("model.txt", TinyModel.Text);
        Directory.CreateDirectory(_folder["input"]);
        for (int part = 0; part < 3; part++) _folder.Write($"input/part-{part}.csv", "age,price\n20,5\n40,20\n");
        JuokuResult submitted = JuokuProcess.Run(["run", "submit", "--model", _folder["model.txt"], "--input", _folder["input"], "--output", "predictions/click", "--deadline", "1h", .. Stores]);
        Assert.Equal(0, submitted.ExitCode);
    }

    private int Replicas() => _server.Objects.Get(new("deployments", "default", "workers"))["spec"]!["replicas"]!.GetValue<int>();

    private string[] Scales() => [.. _server.Objects.Writes.Where(write => write.Request.Plural == "deployments").Select(write => write.Object["spec"]!["replicas"]!.GetValue<int>().ToString(CultureInfo.InvariantCulture))];
}
