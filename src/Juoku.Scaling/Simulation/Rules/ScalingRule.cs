namespace Juoku.Scaling.Simulation.Rules;

/// <summary>A way to choose the number of workers, asked again and again in simulated time.</summary>
public abstract class ScalingRule
{
    /// <summary>Its name in tables.</summary>
    public abstract string Name { get; }

    /// <summary>Seconds between two questions.</summary>
    public abstract double Period { get; }

    /// <summary>Scale-in takes idle workers first; without, the newest, busy or not, as Kubernetes does when no pod has a deletion cost.</summary>
    public virtual bool SparesBusy => false;

    /// <summary>The wanted number of workers.</summary>
    public abstract int Wanted(in ClusterView view);
}

/// <summary>What a rule can see at one moment.</summary>
/// <param name="Now">Seconds from the start.</param>
/// <param name="Visible">Parts that wait.</param>
/// <param name="VisibleRows">Rows of these.</param>
/// <param name="InFlight">Parts that were taken and are not finished.</param>
/// <param name="InFlightRows">Rows of these.</param>
/// <param name="Wanted">What was asked for last.</param>
/// <param name="Ready">Workers that can take parts.</param>
/// <param name="Pending">Workers that are not ready yet.</param>
/// <param name="Busy">Workers that hold a part.</param>
/// <param name="Finished">Parts that were finished.</param>
/// <param name="RowsPerSecond">Mean rate of a worker over the finished parts.</param>
/// <param name="RateSpread">Spread of the rate between finished parts.</param>
public readonly record struct ClusterView(
    double Now, int Visible, long VisibleRows, int InFlight, long InFlightRows, int Wanted, int Ready, int Pending, int Busy,
    int Finished, double RowsPerSecond, double RateSpread);
