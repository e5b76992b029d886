using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Juoku.Learning.Registry;

/// <summary>Where an alias points, and every move that brought it there: <c>models/‹name›/aliases/‹alias›.json</c>.</summary>
/// <param name="Alias">Name of the alias.</param>
/// <param name="Version">The version it names.</param>
/// <param name="History">All moves, the first one first.</param>
public sealed record AliasState(string Alias, int Version, ImmutableArray<AliasMove> History)
{
    /// <summary>
    /// The versions that led here, this one last: a promotion adds one, a rollback takes the last away. So what was rolled back is not
    /// gone back to, and two rollbacks in a row go back two versions.
    /// </summary>
    public ImmutableArray<int> Trail()
    {
        var trail = new List<int>();
        foreach (AliasMove move in History)
        {
            if (move.Kind == AliasMoveKind.Rollback && trail.Count > 0) trail.RemoveAt(trail.Count - 1);
            else trail.Add(move.To);
        }

        return [.. trail];
    }
}

/// <summary>One move of an alias.</summary>
/// <param name="Id">Tells the moves of two who moved at the same moment apart.</param>
/// <param name="At">When.</param>
/// <param name="By">Who: user and machine.</param>
/// <param name="Kind">Forward or back.</param>
/// <param name="From">Version before; null for the first move.</param>
/// <param name="To">Version after.</param>
/// <param name="Reason">What it was compared by, or that it was forced.</param>
public sealed record AliasMove(Guid Id, DateTimeOffset At, string By, AliasMoveKind Kind, int? From, int To, string Reason);

/// <summary>Direction of a move.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AliasMoveKind>))]
public enum AliasMoveKind
{
    /// <summary>To a version that was chosen.</summary>
    Promotion,

    /// <summary>Back to the version before.</summary>
    Rollback,
}
