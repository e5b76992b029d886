using Juoku.Scaling.Policy;

namespace Juoku.Scaling;

/// <summary>The section <c>scaling</c> of <c>juoku.yaml</c>: how the controller and the KEDA scaler choose the number of workers.</summary>
public sealed record ScalingSettings
{
    /// <summary>Fewest workers, with or without work.</summary>
    public int Min { get; init; }

    /// <summary>Most workers.</summary>
    public int Max { get; init; } = 100;

    /// <summary>Workers that one node holds; a node that is paid for is filled.</summary>
    public int PodsPerNode { get; init; } = 1;

    /// <summary>Share of the time left to keep free for what nobody foresees.</summary>
    public double Headroom { get; init; } = 0.1;

    /// <summary>How sure to be of the deadline, in standard deviations of the workers' rate.</summary>
    public double Confidence { get; init; } = 2;

    /// <summary>How soon to be done where there is no deadline.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long one worker stays after the last part.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a worker takes to start on a node that is there.</summary>
    public TimeSpan PodStart { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a new node takes until it is there.</summary>
    public TimeSpan NodeStart { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long a part stays invisible after its worker was lost: the workers' <c>--visibility</c>.</summary>
    public TimeSpan Redelivery { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Time between two decisions.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What the policy keeps to; checked.</summary>
    /// <exception cref="ScalingException">They contradict each other.</exception>
    public ScalingLimits Limits()
    {
        var limits = new ScalingLimits { Min = Min, Max = Max, PodsPerNode = PodsPerNode, Headroom = Headroom, Confidence = Confidence, Drain = Drain, Linger = Linger };
        try
        {
            limits.Validate();
        }
        catch (ArgumentException e)
        {
            throw new ScalingException($"scaling: {e.Message}");
        }

        return Interval > TimeSpan.Zero ? limits : throw new ScalingException($"scaling: an interval of {Interval:c} between decisions: set more than 0.");
    }

    /// <summary>How long a worker takes to start.</summary>
    public StartUp StartUp() => new() { Pod = PodStart, Node = NodeStart };
}
