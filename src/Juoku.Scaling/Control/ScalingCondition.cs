namespace Juoku.Scaling.Control;

/// <summary>Something that holds or does not, as Kubernetes words it.</summary>
/// <param name="Type">What.</param>
/// <param name="Holds">Whether it holds.</param>
/// <param name="Message">Why, in one line.</param>
/// <param name="LastTransitionTime">Since when.</param>
public sealed record ScalingCondition(string Type, bool Holds, string Message, DateTimeOffset LastTransitionTime)
{
    /// <summary>Neither queue nor store withholds what decisions are made of.</summary>
    public const string BacklogReadable = nameof(BacklogReadable);

    /// <summary>Workers do not start, or die again and again.</summary>
    public const string WorkersFail = nameof(WorkersFail);

    /// <summary>A deadline may be missed.</summary>
    public const string DeadlineAtRisk = nameof(DeadlineAtRisk);

    /// <summary>A deadline cannot be met with all the workers there may be.</summary>
    public const string DeadlineImpossible = nameof(DeadlineImpossible);
}
