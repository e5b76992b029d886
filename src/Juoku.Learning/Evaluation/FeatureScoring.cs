using System.Collections.Immutable;
using Juoku.Batch.Models;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Juoku.Forest;
using Juoku.Learning.Training;

namespace Juoku.Learning.Evaluation;

/// <summary>Scores days of a feature set with Juoku's own engine, and keeps what evaluation needs of each row.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Shares">How each feature of the profile is distributed now; empty without a profile.</param>
public sealed record FeatureScoring(ScoredRows Rows, ImmutableArray<ImmutableArray<double>> Shares)
{
    /// <summary>Scores.</summary>
    /// <param name="set">Feature set that the days are of.</param>
    /// <param name="days">Days to score; they must have labels.</param>
    /// <param name="model">Model to score with; its calibration is applied.</param>
    /// <param name="profile">Features to count; null for none.</param>
    /// <param name="truth">Probabilities that clicks were drawn from; null for none.</param>
    /// <param name="options">Threads, progress.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="TableException">The set lacks a feature of the model, or a label, or a file is damaged.</exception>
    /// <exception cref="StoreException">The truth cannot be read.</exception>
    public static FeatureScoring Run(
        FeatureRange set, ImmutableArray<FeatureDay> days, LoadedModel model, FeatureProfile? profile, TruthFiles? truth, ScoringOptions options, CancellationToken cancellation)
    {
        ForestModel forest = model.Forest;
        HashSet<string> columns = [.. set.Columns.Select(column => column.Name)];
        ImmutableArray<int> used = [.. Enumerable.Range(0, forest.FeatureCount).Where(f => columns.Contains(forest.FeatureNames[f]))];
        if (Enumerable.Range(0, forest.FeatureCount).FirstOrDefault(f => forest.Uses(f) && !used.Contains(f), -1) is var lacking and >= 0)
            throw new TableException(set.Set, $"the feature set has no column for the model's feature '{forest.FeatureNames[lacking]}'; was the model trained on another set?");

        string label = FeatureRoles.LabelOf(set);
        string? weight = FeatureRoles.WeightOf(set);
        ImmutableArray<string> breakdowns = set.Breakdowns;
        ImmutableArray<string> keys = truth is null ? breakdowns : breakdowns.Add(truth.KeyColumn);
        ImmutableArray<SelectedNumber> numbers =
            [.. used.Select(f => new SelectedNumber(forest.FeatureNames[f], model.Categories[f])), new(label), .. weight is null ? [] : (SelectedNumber[])[new(weight)]];

        var reader = new FeatureReader(days, options.Threads);
        var rows = new ScoredRows(checked((int)reader.RowCount), breakdowns, truth is not null);
        ShareCounter?[] counters = [.. used.Select(f => profile?.Features.FirstOrDefault(shares => shares.Name == forest.FeatureNames[f]) is { } shares ? new ShareCounter(shares) : null)];
        var block = new Column[forest.FeatureCount];
        int loaded = -1;
        foreach (FeatureBatch batch in reader.Read(new FeatureSelection(numbers, keys), cancellation))
        {
            int at = (int)batch.FirstRow, count = batch.Count;
            for (int i = 0; i < used.Length; i++) block[used[i]] = batch.Rows.Numbers[i].View(0, count);
            Span<double> scores = rows.Probabilities.AsSpan(at, count);
            forest.Score(block, scores);
            model.Calibration?.Apply(scores);

            FeatureRoles.CopyLabels(batch, used.Length, rows.Labels.AsSpan(at, count));
            if (weight is null) rows.Weights.AsSpan(at, count).Fill(1);
            else FeatureRoles.CopyWeights(batch, used.Length + 1, rows.Weights.AsSpan(at, count));
            rows.Days.AsSpan(at, count).Fill((short)batch.Day);
            for (int b = 0; b < breakdowns.Length; b++)
                rows.Breakdowns[b].Values.Add(batch.Rows.Keys[b], batch.KeyColumns[b], rows.Breakdowns[b].Numbers.AsSpan(at, count));
            for (int i = 0; i < used.Length; i++)
                if (counters[i] is { } counter) Count(counter, batch.Rows.Numbers[i], rows.Weights.AsSpan(at, count));

            if (truth is not null)
            {
                if (loaded != batch.Day) truth.Load(days[loaded = batch.Day].Date, cancellation);
                truth.Copy(batch.Rows.Keys[^1], rows.Truth.AsSpan(at, count));
            }

            options.Progress?.Report(at + count);
        }

        return new FeatureScoring(rows, profile is null ? [] : [.. profile.Features.Select(shares => SharesNow(shares, forest, used, counters))]);
    }

    private static void Count(ShareCounter counter, NumberBuffer values, ReadOnlySpan<float> weights)
    {
        for (int row = 0; row < weights.Length; row++) counter.Add(values[row], weights[row]);
    }

    /// <summary>A feature that the set no longer has stays as it was: it is not in use, or scoring would have been refused.</summary>
    private static ImmutableArray<double> SharesNow(FeatureShares shares, ForestModel forest, ImmutableArray<int> used, ShareCounter?[] counters)
    {
        int at = used.IndexOf(forest.FeatureNames.IndexOf(shares.Name));
        return at >= 0 && counters[at] is { } counter ? counter.Shares() : shares.Shares;
    }
}

/// <summary>How to score.</summary>
public sealed record ScoringOptions
{
    /// <summary>Threads that decode.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told how many rows are scored.</summary>
    public IProgress<long>? Progress { get; init; }
}
