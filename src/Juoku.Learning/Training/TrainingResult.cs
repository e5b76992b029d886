using System.Collections.Immutable;
using Juoku.Learning.Evaluation;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Training;

/// <summary>What a training made.</summary>
/// <param name="Manifest">The version that was registered.</param>
/// <param name="Boosting">How the boosting went.</param>
/// <param name="Recalibration">Which recalibration was kept, and why.</param>
/// <param name="Evaluation">The model on the days that judge.</param>
/// <param name="Split">Which days were learnt from and held out.</param>
/// <param name="Warnings">What LightGBM warned of, each once.</param>
/// <param name="Elapsed">Time in all.</param>
public sealed record TrainingResult(
    ModelManifest Manifest, BoostingOutcome Boosting, Recalibration Recalibration, EvaluationResult Evaluation, DaySplit Split, ImmutableArray<string> Warnings, TimeSpan Elapsed);
