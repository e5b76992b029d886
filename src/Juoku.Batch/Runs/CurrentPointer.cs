using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Juoku.Batch.Runs;

/// <summary>
/// Which run readers of a set use: <c>CURRENT</c> in the set's folder, moved by compare-and-swap only. It remembers what it pointed at
/// before, so that a rollback knows where to go and a worker that is late does not move it again.
/// </summary>
public sealed record CurrentPointer
{
    private const int Remembered = 100;

    /// <summary>The run.</summary>
    public required string Run { get; init; }

    /// <summary>Its folder, relative to the set's, with a slash at the end.</summary>
    public required string Folder { get; init; }

    /// <summary>Its day.</summary>
    public string? Day { get; init; }

    /// <summary>When it was published.</summary>
    public required DateTimeOffset Published { get; init; }

    /// <summary>Runs that were current before it, the latest first.</summary>
    public ImmutableArray<PublishedRun> Previous { get; init; } = [];

    /// <summary>Runs that were rolled back, the latest first.</summary>
    public ImmutableArray<string> Withdrawn { get; init; } = [];

    /// <summary>
    /// Whether a run that has passed its gate is to become current by itself: it never was, and it is not of an earlier day than the
    /// one that readers have.
    /// </summary>
    public static bool IsDue(CurrentPointer? current, RunPlan plan) =>
        current is null
        || current.Run != plan.Run
        && current.Previous.All(previous => previous.Run != plan.Run)
        && !current.Withdrawn.Contains(plan.Run)
        && string.CompareOrdinal(plan.Day, current.Day) >= 0;

    /// <summary>The pointer moved on to a run.</summary>
    public static CurrentPointer MovedTo(CurrentPointer? current, RunPlan plan, DateTimeOffset now) => new()
    {
        Run = plan.Run,
        Folder = plan.FolderInSet,
        Day = plan.Day,
        Published = now,
        Previous = current is null ? [] : [.. current.Previous.Where(run => run.Run != plan.Run).Prepend(new PublishedRun(current.Run, current.Folder, current.Day, current.Published)).Take(Remembered)],
        Withdrawn = current is null ? [] : current.Withdrawn.Remove(plan.Run),
    };

    /// <summary>The pointer moved back to the run before; null when there is none.</summary>
    public CurrentPointer? MovedBack() => Previous is [var run, .. var rest]
        ? new CurrentPointer { Run = run.Run, Folder = run.Folder, Day = run.Day, Published = run.Published, Previous = rest, Withdrawn = [.. Withdrawn.Prepend(Run).Take(Remembered)] }
        : null;
}

/// <summary>A run that readers used.</summary>
/// <param name="Run">The run.</param>
/// <param name="Folder">Its folder, relative to the set's.</param>
/// <param name="Day">Its day.</param>
/// <param name="Published">When it was published.</param>
public sealed record PublishedRun(string Run, string Folder, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Day, DateTimeOffset Published);
