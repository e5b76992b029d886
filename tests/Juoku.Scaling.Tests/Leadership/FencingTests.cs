using System.Collections.Concurrent;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Tests.Kubernetes;
using Juoku.Tests.Servers;
using Microsoft.Extensions.Time.Testing;

namespace Juoku.Scaling.Tests.Leadership;

/// <summary>On the stand-in, where twenty clocks can differ and any request be lost.</summary>
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
}

/// <summary>On a real API server, where there is one.</summary>
public sealed class RealFencingTests : FencingContract
{
    private protected override Task<TestCluster> StartAsync() => TestCluster.RealAsync();
}
