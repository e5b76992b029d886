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
        await Bed.CreateDeploymentAsync(Cluster.Admin, Cluster.Namespace, "workers", 0, Stop);
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

    [Fact]
    public async Task Kill_LeaderGoesSilent_AnotherTakesOverAndTheFirstCannotWrite()
    {
        var written = new ConcurrentQueue<(long Version, int Replicas)>();
        var silent = new SilentHandler();
        var paused = new TaskCompletionSource();
        WorkerFleet? seen = null;
        LeaderTerm? dead = null;
        using var cluster = new ClusterConnection(Cluster.Client("a", silent), Cluster.Namespace, TimeProvider.System);
        var workers = new WorkerDeployment(cluster, "workers");
        await using var a = new Candidate(cluster, "a", TimeProvider.System, async (term, stop) =>
        {
            dead ??= term;
            seen ??= await workers.LookAsync(stop);
            silent.IsSilent = true; // from here on its lease cannot be renewed, as if the process were stopped
            await paused.Task;
        }, Quick with { Identity = "a" });
        await Eventually.HoldsAsync(() => seen is not null, "a leads");
        await using Candidate b = New("b", written);
        await Eventually.HoldsAsync(() => written.Count > 2, "b leads and scales");
        Assert.False(a.IsLeader);

        silent.IsSilent = false;
        await Assert.ThrowsAsync<TermOverException>(() => workers.ScaleAsync(seen!, 7, dead!, Stop));
        await Assert.ThrowsAnyAsync<Exception>(() => PatchAsync(seen!, 7)); // even past the proof: the version is old
        paused.SetResult();
        await b.StopAsync();
        AssertOrder(written);
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

    private Candidate New(string name, ConcurrentQueue<(long Version, int Replicas)> written)
    {
        var workers = new WorkerDeployment(Cluster.Connect(name), "workers");
        return new Candidate(Cluster.Connect(name), name, TimeProvider.System, (term, stop) => ScaleUpAndDownAsync(workers, term, written, TimeProvider.System, stop), Quick with { Identity = name });
    }

    private Task<V1Scale> PatchAsync(WorkerFleet seen, int replicas) => Cluster.Admin.AppsV1.PatchNamespacedDeploymentScaleAsync(
        new V1Patch(new { metadata = new { resourceVersion = seen.Version }, spec = new { replicas } }, V1Patch.PatchType.MergePatch), "workers", Cluster.Namespace, cancellationToken: Stop);

    private protected sealed class SilentHandler : DelegatingHandler
    {
        public volatile bool IsSilent;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsSilent) await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
