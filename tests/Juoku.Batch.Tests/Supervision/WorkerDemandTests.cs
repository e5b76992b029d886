using Juoku.Batch.Queues;
using Juoku.Batch.Supervision;

namespace Juoku.Batch.Tests.Supervision;

public sealed class WorkerDemandTests
{
    private static readonly SupervisorOptions Options = new() { MaxWorkers = 4, CoolDown = TimeSpan.FromSeconds(10) };

    private readonly WorkerDemand _demand = new(Options);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 1)]
    [InlineData(0, 3, 3)]
    [InlineData(2, 1, 3)]
    [InlineData(5_000_000_000, 0, 4)]
    public void Wanted_FirstLook_IsOneAMessageUpToTheMost(long visible, long inFlight, int wanted) =>
        Assert.Equal(wanted, At(0, visible, inFlight));

    [Fact]
    public void Wanted_BacklogFalls_ComesDownOnlyAfterTheCoolDown()
    {
        Assert.Equal(4, At(0, 9));
        Assert.Equal(4, At(1, 2));
        Assert.Equal(4, At(10, 0));
        Assert.Equal(2, At(11, 0));
        Assert.Equal(0, At(21.5, 0));
    }

    [Fact]
    public void Wanted_BacklogReturnsWithinTheCoolDown_NeverCameDown()
    {
        At(0, 4);
        At(5, 0);

        Assert.Equal(4, At(9, 0));
        Assert.Equal(4, At(9.5, 4));
        Assert.Equal(4, At(19, 0));
    }

    [Fact]
    public void Wanted_QueueUnreadable_HoldsTheLastDecision()
    {
        At(0, 3);

        Assert.Equal(3, _demand.Wanted(null, TimeSpan.FromSeconds(60)));
        Assert.Equal(0, At(61, 0));
    }

    private int At(double seconds, long visible, long inFlight = 0) => _demand.Wanted(new QueueDepth(visible, inFlight, 0), TimeSpan.FromSeconds(seconds));
}
