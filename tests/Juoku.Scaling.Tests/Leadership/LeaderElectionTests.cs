using Juoku.Scaling.Leadership;
using Juoku.Scaling.Tests.Kubernetes;
using Juoku.Tests.Servers;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace Juoku.Scaling.Tests.Leadership;

/// <summary>Each thing that the official client's elector does not do, on a clock that is set by hand.</summary>
public sealed class LeaderElectionTests : IAsyncLifetime
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
    private StandInCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await StandInCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Run_LeaseWithoutHolder_IsTakenAtOnce(string? holder)
    {
        await PutLeaseAsync(holder, transitions: 6);
        await using Candidate a = New("a");

        TimeSpan took = await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");

        Assert.True(took < TimeSpan.FromSeconds(10), $"it waited {took} for a lease that nobody holds");
        Assert.Equal(7, (await LeaseAsync()).Spec.LeaseTransitions);
    }

    [Fact]
    public async Task Run_LeaseWithoutSpec_IsTaken()
    {
        await _cluster.Admin.CoordinationV1.CreateNamespacedLeaseAsync(new V1Lease { Metadata = new() { Name = "juoku" } }, "default", cancellationToken: Stop);
        await using Candidate a = New("a");

        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");

        Assert.Equal(a.Election.Holder, (await LeaseAsync()).Spec.HolderIdentity);
    }

    [Fact]
    public async Task IsLeader_LeaseTakenByAnother_EndsTerm()
    {
        await using Candidate a = New("a");
        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");
        LeaderTerm term = a.Term!;
        await PutLeaseAsync("somebody", transitions: 9);

        await Eventually.HoldsAsync(_clock, () => !a.IsLeader, "a notices");

        Assert.True(term.Ended.IsCancellationRequested);
        await Assert.ThrowsAsync<TermOverException>(() => term.ProveAsync(Stop));
        Assert.Equal("somebody", (await LeaseAsync()).Spec.HolderIdentity);
    }

    [Fact]
    public async Task Run_Stopped_SuccessorNeedNotWait()
    {
        await using Candidate a = New("a");
        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");
        await using Candidate b = New("b");
        await Eventually.PassAsync(_clock, TimeSpan.FromSeconds(3));
        Assert.False(b.IsLeader);

        await a.StopAsync();
        Assert.True(string.IsNullOrEmpty((await LeaseAsync()).Spec.HolderIdentity));
        TimeSpan took = await Eventually.HoldsAsync(_clock, () => b.IsLeader, "b leads");

        Assert.True(took <= TimeSpan.FromSeconds(2), $"handing over took {took}");
        Assert.Equal(1, b.Term!.Number);
    }

    [Fact]
    public async Task Run_StoppedWhileTheServerIsSilent_EndsAllTheSame()
    {
        var silence = new TaskCompletionSource();
        await using Candidate a = New("a");
        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");
        _cluster.Server.Faults = _ => new ApiFault.Hold(silence.Task);

        Task stopped = a.StopAsync();
        TimeSpan took = await Eventually.HoldsAsync(_clock, () => stopped.IsCompleted, "a ends");

        Assert.True(took < TimeSpan.FromSeconds(5), $"it took {took}");
        Assert.Contains(a.Log.Lines, line => line.StartsWith("cannot hand the lease over, others wait until it runs out", StringComparison.Ordinal));
        silence.SetResult();
    }

    [Fact]
    public async Task Run_WorkBlocksItsThread_IsRenewed()
    {
        using var unblock = new ManualResetEventSlim();
        await using Candidate a = New("a", (_, _) =>
        {
            unblock.Wait(Stop);
            return Task.CompletedTask;
        });
        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");
        await using Candidate b = New("b");

        for (int second = 0; second < 12; second++)
        {
            int renewals = Renewals();
            await Eventually.HoldsAsync(_clock, () => Renewals() > renewals, "the lease is renewed");
        }

        Assert.True(a.IsLeader);
        Assert.Equal(1, a.Terms);
        Assert.Equal(0, b.Terms);
        unblock.Set();
    }

    [Theory]
    [InlineData("drop")]
    [InlineData("500")]
    [InlineData("429")]
    [InlineData("lost")]
    public async Task Renew_FailsForAWhile_TermGoesOn(string kind)
    {
        await using Candidate a = New("a");
        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");
        int failures = 0;
        _cluster.Server.Faults = request => request is not { Verb: "update" } || Interlocked.Increment(ref failures) > 3 ? null : kind switch
        {
            "drop" => new ApiFault.Drop(),
            "500" => new ApiFault.Refuse(500),
            "429" => new ApiFault.Refuse(429, 2),
            _ => new ApiFault.LoseAnswer(),
        };

        await Eventually.HoldsAsync(_clock, () => failures > 6, "it is renewed again");

        Assert.True(a.IsLeader);
        Assert.Equal(1, a.Terms);
        Assert.Contains(a.Log.Lines, line => line.StartsWith("cannot renew the lease, trying again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Renew_ClientThrowsAnything_TermGoesOn()
    {
        var broken = new BrokenHandler();
        await using var a = new Candidate(new(_cluster.Client("a", broken), "default", _clock), "a", _clock);
        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");

        broken.Failures = 3;
        await Eventually.HoldsAsync(_clock, () => broken.Failures < 0, "it is renewed again");

        Assert.True(a.IsLeader);
        Assert.Equal(1, a.Terms);
    }

    [Fact]
    public async Task Renew_LongOutage_TermEndsBeforeOthersMayTakeIt()
    {
        await using Candidate a = New("a");
        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");
        await using Candidate b = New("b");
        await Eventually.PassAsync(_clock, TimeSpan.FromSeconds(3));
        _cluster.Server.Faults = request => request.User == "a" ? new ApiFault.Drop() : null;

        bool both = false;
        TimeSpan took = await Eventually.HoldsAsync(_clock, () =>
        {
            both |= a.IsLeader && b.IsLeader;
            return b.IsLeader;
        }, "b leads");

        Assert.False(both);
        Assert.False(a.IsLeader);
        Assert.InRange(took, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task Renew_ServerComesBackWithinTheTerm_TermGoesOn()
    {
        await using Candidate a = New("a");
        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");
        await _cluster.Server.StopAsync();
        await Eventually.PassAsync(_clock, TimeSpan.FromSeconds(4));
        await _cluster.Server.ListenAsync();
        int renewals = Renewals();

        await Eventually.HoldsAsync(_clock, () => Renewals() > renewals, "it is renewed again");

        Assert.True(a.IsLeader);
        Assert.Equal(1, a.Terms);
    }

    [Fact]
    public async Task Renew_ArrivesAfterTheTerm_IsRefused()
    {
        await using Candidate a = New("a");
        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");
        var late = new TaskCompletionSource();
        int held = 0;
        _cluster.Server.Faults = request => request is { User: "a", Verb: "update" } && Interlocked.Increment(ref held) > 0 ? new ApiFault.Hold(late.Task) : null;
        await using Candidate b = New("b");
        await Eventually.HoldsAsync(_clock, () => b.IsLeader, "b leads");
        Assert.True(held > 0);

        late.SetResult();
        await Eventually.PassAsync(_clock, TimeSpan.FromSeconds(1));

        Assert.Equal(b.Election.Holder, (await LeaseAsync()).Spec.HolderIdentity);
        Assert.True(b.IsLeader);
        Assert.False(a.IsLeader);
    }

    [Fact]
    public async Task Take_AnswerLost_LeadsAllTheSame()
    {
        int lost = 0;
        _cluster.Server.Faults = request => request.Verb == "create" && Interlocked.Exchange(ref lost, 1) == 0 ? new ApiFault.LoseAnswer() : null;
        await using Candidate a = New("a");

        TimeSpan took = await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");

        Assert.True(took < TimeSpan.FromSeconds(10), $"it took {took} to see that the lease was its own");
    }

    [Fact]
    public async Task Run_WorkFails_AnotherMayTry()
    {
        await using Candidate a = New("a", (_, _) => throw new InvalidOperationException("broken"));

        await Eventually.HoldsAsync(_clock, () => a.Terms > 1, "it is tried again");

        Assert.Contains(a.Log.Lines, line => line.Contains("broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_NotAllowed_SaysSoOnceAndGoesOn()
    {
        _cluster.Server.Deny("a", "create", "leases");
        await using Candidate a = New("a");
        await Eventually.PassAsync(_clock, TimeSpan.FromSeconds(4));
        Assert.Single(a.Log.Lines, line => line.Contains("cannot take the lease juoku in namespace default: leases is forbidden", StringComparison.Ordinal));

        _cluster.Server.Allow("a", "create", "leases");
        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");
    }

    [Fact]
    public async Task Renew_Notes_StandOnTheLease()
    {
        await using Candidate a = New("a");
        await Eventually.HoldsAsync(_clock, () => a.IsLeader, "a leads");
        a.Term!.Notes = new Dictionary<string, string> { ["juoku.dev/reason"] = "3 for 1,000 rows" };
        int renewals = Renewals();
        await Eventually.HoldsAsync(_clock, () => Renewals() > renewals + 1, "it is renewed");

        Assert.Equal("3 for 1,000 rows", (await LeaseAsync()).Metadata.Annotations["juoku.dev/reason"]);
    }

    private Candidate New(string name, Func<LeaderTerm, CancellationToken, Task>? work = null) => new(_cluster.Connect(name, _clock), name, _clock, work);

    private int Renewals() => _cluster.Server.Objects.Writes.Count(write => write.Request is { Verb: "update", Resource: "leases" });

    private Task<V1Lease> LeaseAsync() => _cluster.Admin.CoordinationV1.ReadNamespacedLeaseAsync("juoku", "default", cancellationToken: Stop);

    private async Task PutLeaseAsync(string? holder, int transitions)
    {
        var spec = new V1LeaseSpec { HolderIdentity = holder, LeaseDurationSeconds = 15, LeaseTransitions = transitions, RenewTime = _clock.GetUtcNow().UtcDateTime.AddMilliseconds(1) };
        try
        {
            V1Lease lease = await LeaseAsync();
            lease.Spec = spec;
            await _cluster.Admin.CoordinationV1.ReplaceNamespacedLeaseAsync(lease, "juoku", "default", cancellationToken: Stop);
        }
        catch (k8s.Autorest.HttpOperationException)
        {
            await _cluster.Admin.CoordinationV1.CreateNamespacedLeaseAsync(new V1Lease { Metadata = new() { Name = "juoku" }, Spec = spec }, "default", cancellationToken: Stop);
        }
    }

    private sealed class BrokenHandler : DelegatingHandler
    {
        public int Failures { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            bool isBroken = request.Method == HttpMethod.Put && Failures-- > 0;
            return isBroken ? throw new InvalidOperationException("no HTTP error at all") : base.SendAsync(request, cancellationToken);
        }
    }
}
