using System.Text;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Tests.Leadership;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace Juoku.Scaling.Tests.Kubernetes;

public sealed class ClusterEventsTests : IAsyncLifetime
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
    private readonly CollectedLog _log = new();
    private StandInCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await StandInCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Tell_TheSameAgain_IsCounted()
    {
        ClusterEvents events = New();
        for (int i = 0; i < 3; i++)
        {
            await events.TellAsync("uid", new("RunFinished", "Finish", "run a: published"), Stop);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Eventsv1Event told = Assert.Single(await ToldAsync());
        Assert.Equal((3, new DateTime(2026, 11, 25, 12, 2, 0, DateTimeKind.Utc)), (told.Series.Count, told.Series.LastObservedTime));
        Assert.Equal(("Normal", "uid"), (told.Type, told.Regarding.Uid));
    }

    [Fact]
    public async Task Tell_TheSameMuchLater_IsNew()
    {
        ClusterEvents events = New();
        await events.TellAsync("uid", new("RunFinished", "Finish", "run a: published"), Stop);
        _clock.Advance(TimeSpan.FromMinutes(7));
        await events.TellAsync("uid", new("RunFinished", "Finish", "run a: published"), Stop);

        Assert.Equal(2, (await ToldAsync()).Count);
    }

    [Fact]
    public async Task Tell_LongNote_FitsInBytes()
    {
        await New().TellAsync("uid", new("X", "X", string.Concat(Enumerable.Repeat("→", 1000))), Stop);

        string note = Assert.Single(await ToldAsync()).Note;
        Assert.InRange(Encoding.UTF8.GetByteCount(note), 1000, 1024);
        Assert.EndsWith("→…", note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tell_ServerIsGone_LogsAndGoesOn()
    {
        await _cluster.Server.StopAsync();

        await New().TellAsync("uid", new("X", "X", "something happened", IsWarning: true), Stop);

        Assert.Equal("something happened", _log.Lines[0]);
        Assert.StartsWith("an event is missing: cannot put an event in namespace default: no answer of", _log.Lines[1], StringComparison.Ordinal);
    }

    private ClusterEvents New() => new(_cluster.Connect("a"), "workers", "a", _clock, _log);

    private async Task<IList<Eventsv1Event>> ToldAsync() => (await _cluster.Admin.EventsV1.ListNamespacedEventAsync("default", cancellationToken: Stop)).Items;
}
