using System.Collections.Immutable;
using System.Globalization;

namespace Juoku.Learning.Registry;

/// <summary>Measures a model on held-out days: at least <c>log_loss</c> must be among what comes back.</summary>
/// <param name="model">The version to measure.</param>
/// <param name="heldOut">Names the store, the feature set and the days (<see cref="TrainingData.MeasuredFrom"/> to <see cref="TrainingData.ValidTo"/>).</param>
/// <param name="cancellation">Stops.</param>
public delegate Task<ImmutableSortedDictionary<string, double>> HeldOutEvaluation(ModelManifest model, TrainingData heldOut, CancellationToken cancellation);

/// <summary>
/// Two versions side by side on the same rows. They are compared by log loss; on the same rows normalised entropy is that over a constant,
/// so it gives the same ratio.
/// </summary>
/// <param name="Candidate">Log loss of the candidate.</param>
/// <param name="Champion">Log loss of the champion.</param>
/// <param name="Tolerance">How much higher, relative to the champion's, is still no reason to refuse.</param>
/// <param name="From">First day of the rows.</param>
/// <param name="To">Last day of the rows.</param>
/// <param name="ChampionSawThem">The champion was trained on some of these days, which flatters it.</param>
public sealed record HeldOutComparison(double Candidate, double Champion, double Tolerance, DateOnly From, DateOnly To, bool ChampionSawThem)
{
    /// <summary>The metric compared.</summary>
    public const string Metric = "log_loss";

    /// <summary>How much higher the candidate's log loss is, relative to the champion's; negative where it is the better one.</summary>
    public double Change => (Candidate - Champion) / Champion;

    /// <summary>Whether the candidate is worse by more than the tolerance; what cannot be compared (NaN) counts as worse.</summary>
    public bool IsWorse => !(Change <= Tolerance);

    /// <summary>Compares two versions on the candidate's held-out days.</summary>
    /// <param name="candidate">Wants to be champion.</param>
    /// <param name="champion">Is it.</param>
    /// <param name="tolerance">Relative difference to allow.</param>
    /// <param name="evaluate">Measures where the two were not measured on the same days at training; null when that cannot be done.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>Null where they cannot be compared.</returns>
    public static async Task<HeldOutComparison?> OfAsync(
        ModelManifest candidate, ModelManifest champion, double tolerance, HeldOutEvaluation? evaluate, CancellationToken cancellation)
    {
        if (candidate.Data is not { } days) return null;
        ImmutableSortedDictionary<string, double> ofCandidate = candidate.Metrics, ofChampion = champion.Metrics;
        if (!AreOnTheSameRows(days, champion.Data) || !ofCandidate.ContainsKey(Metric) || !ofChampion.ContainsKey(Metric))
        {
            if (evaluate is null) return null;
            ofCandidate = await evaluate(candidate, days, cancellation).ConfigureAwait(false);
            ofChampion = await evaluate(champion, days, cancellation).ConfigureAwait(false);
        }

        return new HeldOutComparison(
            ofCandidate[Metric], ofChampion[Metric], tolerance, days.MeasuredFrom, days.ValidTo, champion.Data is { } seen && seen.To >= days.MeasuredFrom && seen.From <= days.ValidTo);
    }

    /// <summary>One line: both figures, the days, and the difference.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"log loss {Candidate:F6} against {Champion:F6} on {From:yyyy-MM-dd} to {To:yyyy-MM-dd}, {Math.Abs(Change):P2} {(Change > 0 ? "worse" : "better")}")
        + (ChampionSawThem ? " (the champion was trained on some of these days)" : "");

    private static bool AreOnTheSameRows(TrainingData one, TrainingData? other) =>
        other is not null && (one.Store, one.Set, one.MeasuredFrom, one.ValidTo, one.NegativeRate) == (other.Store, other.Set, other.MeasuredFrom, other.ValidTo, other.NegativeRate);
}
