namespace Juoku.Scaling.Prices;

/// <summary>A kind of node, and its price an hour.</summary>
public sealed record InstancePrice
{
    /// <summary>Its name at its cloud.</summary>
    public required string Name { get; init; }

    /// <summary>Virtual processors.</summary>
    public required int Vcpu { get; init; }

    /// <summary>Memory in gigabytes.</summary>
    public required double MemoryGb { get; init; }

    /// <summary>Price of an hour on demand.</summary>
    public required double OnDemand { get; init; }

    /// <summary>Price of an hour that may end at any time; null when it is not offered.</summary>
    public double? Spot { get; init; }

    /// <summary>Speed of one vCPU beside the one that was measured.</summary>
    public double Speed { get; init; } = 1;
}
