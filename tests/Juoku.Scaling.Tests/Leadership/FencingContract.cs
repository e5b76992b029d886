using System.Collections.Concurrent;
using System.Globalization;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Leadership;
using Juoku.Scaling.Tests.Kubernetes;
using k8s;
using k8s.Models;

namespace Juoku.Scaling.Tests.Leadership;

/// <summary>What must hold of candidates that scale a Deployment, on any API server.</summary>
public abstract class FencingContract : IAsyncLifetime
{
    internal static readonly LeaderOptions Quick = new()
    {
        Lease = "juoku",
        Identity = "",
        Duration = TimeSpan.FromSeconds(3),
        RenewWithin = TimeSpan.FromSeconds(2),
        RenewEvery = TimeSpan.FromMilliseconds(400),
        LookEvery = TimeSpan.FromMilliseconds(200),
    };

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected TestCluster Cluster { get; private set; } = null!;

    private protected abstract Task<TestCluster> StartAsync();

    public async ValueTask InitializeAsync()
    {
        Cluster = await StartAsync();
        await Cluster.CreateDeploymentAsync("workers");
    }

    public async ValueTask DisposeAsync()
    {
        if (Cluster is not null) await Cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Race_ManyCandidatesComeAndGo_WritesKeepTheOrderOfTerms()
    {
        var written = new ConcurrentQueue<(long Version, int Replicas)>();
        var candidates = new List<Candidate>();
        for (int i = 0; i < 20; i++) candidates.Add(New($"c{i}", written));
        for (int round = 0; round < 5; round++)
        {
            int terms = candidates.Sum(candidate => candidate.Terms);
            int writes = written.Count;
            await Eventually.HoldsAsync(() => written.Count > writes + 2, "the leader scales");
            Candidate leader = candidates.First(candidate => candidate.Terms == candidates.Max(other => other.Terms));
            await (candidates.FirstOrDefault(candidate => candidate.IsLeader) ?? leader).StopAsync();
            candidates.Add(New($"d{round}", written));
            await Eventually.HoldsAsync(() => candidates.Sum(candidate => candidate.Terms) > terms, "another leads");
        }

        foreach (Candidate candidate in candidates) await candidate.DisposeAsync();
        AssertOrder(written);
    }

    [Theory]
    [InlineData(WireState.Cut)]
    [InlineData(WireState.Deaf)]
    [InlineData(WireState.Held)]
    public async Task Kill_LeaderLosesTheServer_AnotherTakesOverAndTheFirstCannotWrite(WireState loss)
    {
        var written = new ConcurrentQueue<(long Version, int Replicas)>();
        var paused = new TaskCompletionSource();
        WorkerFleet? seen = null;
        LeaderTerm? dead = null;
        await using Wire wire = Cluster.NewWire();
        using ClusterConnection cluster = Cluster.Connect("a", wire);
        var workers = new WorkerDeployment(cluster, "workers");
        await using var a = new Candidate(Cluster.Connect("a", wire), "a", TimeProvider.System, async (term, stop) =>
        {
            dead ??= term;
            seen ??= await workers.LookAsync(stop);
            await paused.Task;
        }, Quick with { Identity = "a" });
        await Eventually.HoldsAsync(() => seen is not null, "a leads");
        wire.State = loss; // from here on its lease cannot be renewed
        await using Candidate b = New("b", written);
        bool both = false;
        await Eventually.HoldsAsync(() =>
        {
            both |= b.IsLeader && a.IsLeader; // in this order: who leads later stands for a term that had to be over
            return written.Count > 2;
        }, "b leads and scales");
        Assert.False(both);
        Assert.False(a.IsLeader);
        Assert.True(dead!.Ended.IsCancellationRequested);

        wire.State = WireState.Whole;
        await Assert.ThrowsAsync<TermOverException>(() => workers.ScaleAsync(seen!, 7, dead, Stop));
        await Assert.ThrowsAnyAsync<Exception>(() => PatchAsync(seen!, 7)); // even past the proof: the version is old
        int writes = written.Count;
        await Eventually.HoldsAsync(() => written.Count > writes + 2, "b goes on");
        Assert.True(b.IsLeader);
        paused.SetResult();
        await b.StopAsync();
        AssertOrder(written);
        await Eventually.HoldsAsync(() => a.Terms > 1, "a leads again, in another term");
    }

    [Theory]
    [InlineData(WireState.Cut)]
    [InlineData(WireState.Deaf)]
    [InlineData(WireState.Held)]
    public async Task Outage_LeaderGoesOnWorking_WritesKeepTheOrderOfTerms(WireState loss)
    {
        var written = new ConcurrentQueue<(long Version, int Replicas)>();
        await using Wire wire = Cluster.NewWire();
        await using Candidate a = New("a", written, wire);
        await Eventually.HoldsAsync(() => written.Count > 2, "a scales");
        await using Candidate b = New("b", written);
        wire.State = loss;
        await Eventually.HoldsAsync(() => b.IsLeader, "b leads");
        Assert.False(a.IsLeader);

        int writes = written.Count;
        wire.State = WireState.Whole;
        await Eventually.HoldsAsync(() => written.Count > writes + 5, "b scales");
        Assert.Equal((1, 1), (a.Terms, b.Terms));
        await b.StopAsync();
        writes = written.Count;
        await Eventually.HoldsAsync(() => written.Count > writes + 2, "a scales again");

        await a.StopAsync();
        AssertOrder(written);
    }

    [Fact]
    public async Task Scale_HeldUpUntilASuccessorHasScaled_IsRefused()
    {
        await using HeldUp held = await HeldUpAsync(successorScales: true);

        held.Wire.State = WireState.Whole;

        Assert.Equal(ClusterFault.Conflict, Assert.IsType<ClusterException>(await held.Late).Fault);
        Assert.Equal(2 * held.B.Term!.Number, (await held.Workers.LookAsync(Stop)).Replicas);
    }

    [Fact]
    public async Task Scale_HeldUpUntilASuccessorLeads_CountsAsBeforeItsFirstAction()
    {
        await using HeldUp held = await HeldUpAsync(successorScales: false);
        WorkerFleet seen = await held.Workers.LookAsync(Stop);

        held.Wire.State = WireState.Whole;
        Assert.Null(await held.Late);

        // The successor decided by what it saw before: it has to look again.
        LeaderTerm term = held.B.Term!;
        Assert.Equal(ClusterFault.Conflict, (await Assert.ThrowsAsync<ClusterException>(() => held.Workers.ScaleAsync(seen, 2 * term.Number, term, Stop))).Fault);
        await Cluster.SettleAsync("workers");
        WorkerFleet after = await held.Workers.LookAsync(Stop);
        Assert.Equal(1, after.Replicas);
        await held.Workers.ScaleAsync(after, 2 * term.Number, term, Stop);
        Assert.Equal(2, (await held.Workers.LookAsync(Stop)).Replicas);
    }

    [Fact]
    public async Task Scale_DeploymentChangedSinceItWasSeen_Conflicts()
    {
        var done = new TaskCompletionSource<ClusterException>();
        using ClusterConnection cluster = Cluster.Connect("a");
        var workers = new WorkerDeployment(cluster, "workers");
        await using var a = new Candidate(Cluster.Connect("a"), "a", TimeProvider.System, async (term, stop) =>
        {
            WorkerFleet seen = await workers.LookAsync(stop);
            await workers.ScaleAsync(seen, 2, term, stop);
            done.SetResult(await Assert.ThrowsAsync<ClusterException>(() => workers.ScaleAsync(seen, 5, term, stop)));
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        }, Quick with { Identity = "a" });

        Assert.Equal(ClusterFault.Conflict, (await done.Task.WaitAsync(TimeSpan.FromSeconds(20), Stop)).Fault);
        Assert.Equal(2, (await workers.LookAsync(Stop)).Replicas);
    }

    /// <summary>The number that a term writes tells which term it was.</summary>
    private protected static void AssertOrder(IEnumerable<(long Version, int Replicas)> written)
    {
        int[] terms = [.. written.OrderBy(write => write.Version).Select(write => write.Replicas / 2)];
        Assert.NotEmpty(terms);
        Assert.Equal(terms.Order(), terms);
    }

    /// <summary>A leader's work: reads, then scales to a number that nobody wrote before.</summary>
    private protected static async Task ScaleUpAndDownAsync(WorkerDeployment workers, LeaderTerm term, ConcurrentQueue<(long Version, int Replicas)> written, TimeProvider time, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                WorkerFleet seen = await workers.LookAsync(stop);
                int replicas = 2 * term.Number + (seen.Replicas + 1) % 2;
                WorkerFleet after = await workers.ScaleAsync(seen, replicas, term, stop);
                written.Enqueue((long.Parse(after.Version, CultureInfo.InvariantCulture), replicas));
            }
            catch (ClusterException)
            {
                // Outages and conflicts are what this is about.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, stop);
        }
    }

    private Candidate New(string name, ConcurrentQueue<(long Version, int Replicas)> written, Wire? wire = null)
    {
        var workers = new WorkerDeployment(Cluster.Connect(name, wire), "workers");
        return new Candidate(Cluster.Connect(name, wire), name, TimeProvider.System, (term, stop) => ScaleUpAndDownAsync(workers, term, written, TimeProvider.System, stop), Quick with { Identity = name });
    }

    /// <summary>Leader a has proved its term and sent a write, which is still on the wire; then b takes over.</summary>
    private async Task<HeldUp> HeldUpAsync(bool successorScales)
    {
        Wire wire = Cluster.NewWire();
        var late = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var workersOfA = new WorkerDeployment(Cluster.Connect("a", wire, new HoldAtScaling(wire)), "workers");
        var a = new Candidate(Cluster.Connect("a", wire), "a", TimeProvider.System, async (term, stop) =>
        {
            if (late.Task.IsCompleted) return;
            WorkerFleet seen = await workersOfA.LookAsync(Stop);
            late.SetResult(await Record.ExceptionAsync(() => workersOfA.ScaleAsync(seen, 2 * term.Number + 1, term, Stop)));
        }, Quick with { Identity = "a" });
        await Eventually.HoldsAsync(() => wire.State == WireState.Held, "a scales");

        var workersOfB = new WorkerDeployment(Cluster.Connect("b"), "workers");
        bool hasScaled = false;
        var b = new Candidate(Cluster.Connect("b"), "b", TimeProvider.System, async (term, stop) =>
        {
            if (successorScales) await workersOfB.ScaleAsync(await workersOfB.LookAsync(stop), 2 * term.Number, term, stop);
            hasScaled = true;
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        }, Quick with { Identity = "b" });
        await Eventually.HoldsAsync(() => hasScaled && b.IsLeader, "b leads");
        return new HeldUp(wire, late.Task, workersOfB, a, b);
    }

    private Task<V1Scale> PatchAsync(WorkerFleet seen, int replicas) => Cluster.Admin.AppsV1.PatchNamespacedDeploymentScaleAsync(
        new V1Patch(new { metadata = new { resourceVersion = seen.Version }, spec = new { replicas } }, V1Patch.PatchType.MergePatch), "workers", Cluster.Namespace, cancellationToken: Stop);

    private sealed record HeldUp(Wire Wire, Task<Exception?> Late, WorkerDeployment Workers, Candidate A, Candidate B) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Wire.State = WireState.Whole;
            await A.DisposeAsync();
            await B.DisposeAsync();
            await Wire.DisposeAsync();
        }
    }

    private sealed class HoldAtScaling(Wire wire) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Patch) wire.State = WireState.Held;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
