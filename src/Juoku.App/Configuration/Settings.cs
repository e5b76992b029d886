using Juoku.Batch.Runs;
using Juoku.Batch.Supervision;
using Juoku.Scaling;

namespace Juoku.App.Configuration;

/// <summary>
/// Everything that can be set in <c>juoku.yaml</c>, with its defaults. A section is a record of the part that it configures; its keys are
/// the properties' names in camel case.
/// </summary>
public sealed record Settings
{
    /// <summary>Store of logs, features, models, runs and predictions.</summary>
    public string Store { get; init; } = "./data";

    /// <summary>Queue that hands the parts of runs to workers.</summary>
    public string Queue { get; init; } = "sqlite:./data/queue.db";

    /// <summary>What must hold before readers get a run's predictions.</summary>
    public GateThresholds Gate { get; init; } = new();

    /// <summary>The workers that <c>juoku up</c> keeps.</summary>
    public SupervisorOptions Up { get; init; } = new();

    /// <summary>How the controller and the KEDA scaler choose the number of workers.</summary>
    public ScalingSettings Scaling { get; init; } = new();
}
