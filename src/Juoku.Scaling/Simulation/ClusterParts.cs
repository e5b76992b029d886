namespace Juoku.Scaling.Simulation;

/// <summary>A worker of the simulation.</summary>
internal sealed class SimulatedPod(long id)
{
    public long Id => id;

    public double Speed { get; init; }

    /// <summary>The node it is on; null while it is pending.</summary>
    public SimulatedNode? Node { get; set; }

    public bool IsReady { get; set; }

    public bool IsGone { get; set; }

    /// <summary>The part it holds; -1 for none.</summary>
    public int Part { get; set; } = -1;

    /// <summary>When it took the part.</summary>
    public double Since { get; set; }
}

/// <summary>A node of the simulation.</summary>
internal sealed class SimulatedNode(long id, double since)
{
    public long Id => id;

    /// <summary>Since when it is paid for.</summary>
    public double Since => since;

    public bool IsReady { get; set; }

    public bool IsGone { get; set; }

    public List<SimulatedPod> Pods { get; } = [];

    /// <summary>Grows whenever the node becomes empty, so that an older look at it is seen to be old.</summary>
    public int Vacancy { get; set; }
}

/// <summary>What happens next.</summary>
internal enum EventKind { Arrival, Question, Scan, PodReady, NodeReady, PartDone, PartFailed, PartBack, NodeLost, NodeEmpty }

/// <summary>Something that happens to something.</summary>
/// <param name="Kind">What.</param>
/// <param name="Pod">The worker, where it is one.</param>
/// <param name="Node">The node, where it is one.</param>
/// <param name="Number">The part, arrival or vacancy.</param>
internal readonly record struct SimulatedEvent(EventKind Kind, SimulatedPod? Pod = null, SimulatedNode? Node = null, int Number = 0);
