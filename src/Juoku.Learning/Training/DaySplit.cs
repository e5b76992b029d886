using System.Collections.Immutable;
using Juoku.Batch.Predicting;

namespace Juoku.Learning.Training;

/// <summary>
/// Which days are learnt from and which are held out: by time, the last ones, never at random, since a model is used on days after those it knows.
/// Of the held-out days the earlier ones end the training and fit the recalibration, the later ones judge both; a single one does the first and is measured.
/// </summary>
/// <param name="Train">Days to learn from.</param>
/// <param name="Tune">Held-out days for early stopping and recalibration.</param>
/// <param name="Judge">Held-out days that the metrics are measured on.</param>
public sealed record DaySplit(ImmutableArray<FeatureDay> Train, ImmutableArray<FeatureDay> Tune, ImmutableArray<FeatureDay> Judge)
{
    /// <summary>Whether the days that judge are others than those that tune.</summary>
    public bool CanJudge => Tune[^1].Date < Judge[0].Date;

    /// <summary>Splits days.</summary>
    /// <exception cref="UsageException">None would be left to learn from.</exception>
    public static DaySplit Of(ImmutableArray<FeatureDay> days, int validDays)
    {
        if (days.Length <= validDays)
            throw new UsageException($"{days.Length} days with {validDays} of them held out leave none to learn from; widen --from … --to, or give a smaller --valid-days");
        ImmutableArray<FeatureDay> held = days[^validDays..];
        int tune = (validDays + 1) / 2;
        return new DaySplit(days[..^validDays], held[..tune], validDays == 1 ? held : held[tune..]);
    }
}
