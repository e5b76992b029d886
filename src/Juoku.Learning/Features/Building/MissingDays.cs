using System.Collections.Immutable;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Learning.Features.Definition;

namespace Juoku.Learning.Features.Building;

/// <summary>
/// Which days are left to build. A day is there when its <c>_SUCCESS</c> is: a build takes that away first and puts it last, so what a
/// killed build left behind is missing. So is a day that has got a log file since it was built. Files of days that are not over
/// do not count: they come all day long, and each would make the day before it anew.
/// </summary>
internal sealed class MissingDays(IStore store, SetDefinition set, LogFiles files, TimeProvider time)
{
    private readonly SortedSet<DateOnly> _there = [], _withoutLogs = [];

    /// <summary>The days passed over so far.</summary>
    public PassedDays Passed => new([.. _there], [.. _withoutLogs]);

    /// <summary>Those of some days that are to be built, in order.</summary>
    /// <exception cref="NotFoundException">No day is there, and none has logs.</exception>
    public async Task<ImmutableArray<DateOnly>> FindAsync(IReadOnlyList<DateOnly> days, CancellationToken cancellation)
    {
        SourceDefinition[] required = [.. set.Sources.Where(source => source.Required)];
        var missing = ImmutableArray.CreateBuilder<DateOnly>();
        foreach (DateOnly day in days)
        {
            if (await PassAsync(day, cancellation).ConfigureAwait(false)) continue;
            if (required.Length > 0 && required.All(source => files.Of(source, day).Count == 0)) _withoutLogs.Add(day);
            else missing.Add(day);
        }

        if (_withoutLogs.Count == days.Count) files.Require(required[0], days);
        return missing.ToImmutable();
    }

    /// <summary>Whether a day is there; if so, it counts as passed over.</summary>
    public async Task<bool> PassAsync(DateOnly day, CancellationToken cancellation)
    {
        if (await FindManifestAsync(day, cancellation).ConfigureAwait(false) is not { } manifest || HasLateLogs(manifest)) return false;
        _there.Add(day);
        return true;
    }

    private async Task<FeatureManifest?> FindManifestAsync(DateOnly day, CancellationToken cancellation)
    {
        try
        {
            return await FeatureDays.FindAsync(store, set.Name, day, cancellation).ConfigureAwait(false);
        }
        catch (FeatureException)
        {
            return null; // missing or damaged, as of two builds of which one was killed: "build the day again", it says, and that is what we do
        }
    }

    private bool HasLateLogs(FeatureManifest manifest)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        HashSet<string> known = [.. manifest.Sources.Select(file => file.Key)];
        return set.Features.Reads.Where(read => read.Source.ByDay).Any(read =>
            Enumerable.Range(read.First, read.Last - read.First + 1).Select(manifest.Day.AddDays).Where(day => day < today)
                .SelectMany(day => files.Of(read.Source, day)).Any(item => !known.Contains(item.Key)));
    }
}
