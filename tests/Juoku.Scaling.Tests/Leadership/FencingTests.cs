using System.Collections.Concurrent;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Tests.Kubernetes;
using Juoku.Tests.Servers;
using Microsoft.Extensions.Time.Testing;

namespace Juoku.Scaling.Tests.Leadership;

/// <summary>On the stand-in, where requests can be held, lost and looked into.</summary>
public sealed class FencingTests : FencingContract
{
    private ApiServer Server => ((StandInCluster)Cluster).Server;

    private protected override async Task<TestCluster> StartAsync() => await StandInCluster.StartAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Race_TwentyCandidatesWithSkewedClocksAndFaults_NeverTwoActAtOnce(int seed)
    {
        var random = new Random(seed);
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
        var written = new ConcurrentQueue<(long Version, int Replicas)>();
        var cut = new ConcurrentDictionary<string, bool>();
        Server.Faults = request =>
        {
            if (cut.ContainsKey(request.User)) return new ApiFault.Drop();
            lock (random)
            {
                return random.Next(100) switch
                {
                    < 3 => new ApiFault.Drop(),
                    < 6 => new ApiFault.LoseAnswer(),
                    < 8 => new ApiFault.Refuse(500),
                    < 12 => new ApiFault.Delay(TimeSpan.FromMilliseconds(random.Next(100))),
                    _ => null,
                };
            }
        };
        Candidate[] candidates = [.. Enumerable.Range(0, 20).Select(i =>
        {
            // Hours apart, and up to a third of difference in speed: as much as the lease leaves room for.
            var own = new SkewedClock(clock, TimeSpan.FromHours(i - 10), 0.86 + 0.28 * i / 19);
            var workers = new WorkerDeployment(Cluster.Connect($"c{i}", own), "workers");
            return new Candidate(Cluster.Connect($"c{i}", own), $"c{i}", own, (term, stop) => ScaleUpAndDownAsync(workers, term, written, own, stop));
        })];

        for (int step = 0; step < 140; step++)
        {
            await Eventually.PassAsync(clock, TimeSpan.FromMilliseconds(600));
            Assert.InRange(candidates.Count(candidate => candidate.IsLeader), 0, 1);
            if (step % 32 != 0) continue;
            cut.Clear(); // whoever leads is cut off, longer than its term can last
            if (candidates.FirstOrDefault(candidate => candidate.IsLeader) is { } leader) cut[leader.Election.Holder.Split('_')[0]] = true;
        }

        foreach (Candidate candidate in candidates) await candidate.DisposeAsync();
        AssertOrder(written);
        AssertOrder(Server.Objects.Writes.Where(write => write.Request.Resource == "deployments/scale").Select(write => (write.Version, write.Object["spec"]!["replicas"]!.GetValue<int>())));
        Assert.True(candidates.Sum(candidate => candidate.Terms) > 2, "the lead never changed: this tested nothing");
    }

    [Fact]
    public async Task Scale_HeldUpUntilASuccessorHasScaled_IsRefused()
    {
        (Task<Exception?> late, TaskCompletionSource hold, Candidate a, Candidate b) = await HeldUpAsync(successorScales: true);

        hold.SetResult();

        Assert.Equal(ClusterFault.Conflict, Assert.IsType<ClusterException>(await late).Fault);
        await a.DisposeAsync();
        await b.DisposeAsync();
        AssertOrder(ScaleWrites());
    }

    [Fact]
    public async Task Scale_HeldUpUntilASuccessorLeads_CountsAsBeforeItsFirstAction()
    {
        (Task<Exception?> late, TaskCompletionSource hold, Candidate a, Candidate b) = await HeldUpAsync(successorScales: false);
        var workers = new WorkerDeployment(Cluster.Connect("b"), "workers");
        WorkerFleet seen = await workers.LookAsync(Stop);

        hold.SetResult();
        Assert.Null(await late);

        // The successor decided by what it saw before: it has to look again.
        Assert.Equal(ClusterFault.Conflict, (await Assert.ThrowsAsync<ClusterException>(() => workers.ScaleAsync(seen, 2 * b.Term!.Number, b.Term, Stop))).Fault);
        await workers.ScaleAsync(await workers.LookAsync(Stop), 2 * b.Term!.Number, b.Term, Stop);
        await a.DisposeAsync();
        await b.DisposeAsync();
        AssertOrder(ScaleWrites());
    }

    /// <summary>Leader a has proved its term and sent a write, which hangs; then b takes over.</summary>
    private async Task<(Task<Exception?> Late, TaskCompletionSource Hold, Candidate A, Candidate B)> HeldUpAsync(bool successorScales)
    {
        var hold = new TaskCompletionSource();
        var late = new TaskCompletionSource<Exception?>();
        Server.Faults = request => request switch
        {
            { User: "a", Resource: "deployments/scale", Verb: "patch" } => new ApiFault.Hold(hold.Task),
            { User: "a", Verb: "update" } => new ApiFault.Drop(),
            _ => null,
        };
        var workersOfA = new WorkerDeployment(Cluster.Connect("a"), "workers");
        var a = new Candidate(Cluster.Connect("a"), "a", TimeProvider.System, async (term, stop) =>
        {
            if (late.Task.IsCompleted) return;
            WorkerFleet seen = await workersOfA.LookAsync(Stop);
            late.SetResult(await Record.ExceptionAsync(() => workersOfA.ScaleAsync(seen, 2 * term.Number + 1, term, Stop)));
        }, Quick with { Identity = "a" });
        await Eventually.HoldsAsync(() => Server.Requests.Any(request => request is { User: "a", Resource: "deployments/scale", Verb: "patch" }), "a scales");

        var workersOfB = new WorkerDeployment(Cluster.Connect("b"), "workers");
        bool hasScaled = false;
        var b = new Candidate(Cluster.Connect("b"), "b", TimeProvider.System, async (term, stop) =>
        {
            if (successorScales) await workersOfB.ScaleAsync(await workersOfB.LookAsync(stop), 2 * term.Number, term, stop);
            hasScaled = true;
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        }, Quick with { Identity = "b" });
        await Eventually.HoldsAsync(() => hasScaled && b.IsLeader, "b leads");
        return (late.Task, hold, a, b);
    }

    private IEnumerable<(long Version, int Replicas)> ScaleWrites() =>
        Server.Objects.Writes.Where(write => write.Request.Resource == "deployments/scale").Select(write => (write.Version, write.Object["spec"]!["replicas"]!.GetValue<int>()));
}

/// <summary>On a real API server, where there is one.</summary>
public sealed class RealFencingTests : FencingContract
{
    private protected override Task<TestCluster> StartAsync() => TestCluster.RealAsync();
}
