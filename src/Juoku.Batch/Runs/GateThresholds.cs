namespace Juoku.Batch.Runs;

/// <summary>What must hold before readers get a run's predictions. Null switches a check off.</summary>
public sealed record GateThresholds
{
    /// <summary>Most that the distribution of scores may have moved from the previous published run's, as <see cref="StabilityIndex"/>.</summary>
    public double? MaxPsi { get; init; } = 0.25;

    /// <summary>Most that the mean prediction may differ from the previous published run's, as a share of it.</summary>
    public double? MaxMeanShift { get; init; } = 0.25;

    /// <summary>Most that the mean prediction may differ from the rate observed on the days held out at the model's training, as a share of it.</summary>
    public double? MaxModelShift { get; init; } = 0.5;

    /// <summary>Most that the model's own calibration, measured at its training, may be off 1.</summary>
    public double? MaxCalibrationError { get; init; } = 0.2;

    /// <summary>Most that the number of rows may differ from the previous published run's, as a share of it.</summary>
    public double? MaxRowShift { get; init; } = 0.5;

    /// <summary>Most parts that may be rejected or dead.</summary>
    public int? MaxRejectedParts { get; init; } = 0;

    /// <summary>Most rows, of all, that may have been set aside as bad.</summary>
    public double? MaxRejectedRowShare { get; init; } = 0.001;
}
