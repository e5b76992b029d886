using System.Text;
using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Tests.Leadership;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>How events are told, on any API server.</summary>
public abstract class ClusterEventsContract : IAsyncLifetime
{
    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));

    private protected CollectedLog Log { get; } = new();

    private protected TestCluster Cluster { get; private set; } = null!;

    private protected abstract Task<TestCluster> StartAsync();

    public async ValueTask InitializeAsync() => Cluster = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (Cluster is not null) await Cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Tell_TheSameAgain_IsCounted()
    {
        ClusterEvents events = New();
        for (int i = 0; i < 3; i++)
        {
            await events.TellAsync("uid", new("RunFinished", "Finish", "run a: published"), Stop);
            Clock.Advance(TimeSpan.FromMinutes(1));
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
        Clock.Advance(TimeSpan.FromMinutes(7));
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

    private protected ClusterEvents New() => new(Cluster.Connect("a", Clock), "workers", "a", Clock, Log);

    private async Task<IList<Eventsv1Event>> ToldAsync() =>
        [.. (await Cluster.Admin.EventsV1.ListNamespacedEventAsync(Cluster.Namespace, cancellationToken: Stop)).Items.Where(e => e.ReportingController == "juoku.dev/controller")];
}
