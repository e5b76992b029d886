using Juoku.Batch;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Learning.Training;

namespace Juoku.Learning.Evaluation;

/// <summary>What to evaluate, on what.</summary>
public sealed record EvaluationOptions
{
    /// <summary>A reference (<c>ctr@champion</c>) or the path of a <c>model.txt</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Feature set.</summary>
    public required string Set { get; init; }

    /// <summary>First day.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last day.</summary>
    public required DateOnly To { get; init; }

    /// <summary>How to score.</summary>
    public ScoringOptions Scoring { get; init; } = new();
}

/// <summary>Scores days of a feature set with a model and measures the scores.</summary>
public sealed class Evaluator(IStore store, Adapters adapters)
{
    /// <summary>Evaluates.</summary>
    /// <exception cref="NotFoundException">The model or a day is missing.</exception>
    /// <exception cref="Batch.Tables.TableException">The features do not fit the model, or are damaged.</exception>
    /// <exception cref="StoreException">The store fails.</exception>
    public async Task<EvaluationResult> RunAsync(EvaluationOptions options, CancellationToken cancellation)
    {
        if (options.Scoring.Threads < 1) throw new UsageException($"--threads {options.Scoring.Threads}: at least one thread is needed");
        EvaluatedModel model = await EvaluatedModel.OpenAsync(options.Model, store, adapters, cancellation).ConfigureAwait(false);
        using FeatureRange set = await FeatureRange.OpenAsync(store, options.Set, options.From, options.To, cancellation).ConfigureAwait(false);
        TruthFiles? truth = await TruthFiles.FindAsync(store, set, cancellation).ConfigureAwait(false);
        return await Task.Run(
            () => ModelEvaluation.Of(model, set.Set, set.All, FeatureScoring.Run(set, set.All, model.Model, model.Profile, truth, options.Scoring, cancellation)),
            cancellation).ConfigureAwait(false);
    }
}
