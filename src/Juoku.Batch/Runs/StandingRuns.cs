using System.Runtime.CompilerServices;
using Juoku.Batch.Queues;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>
/// The standing runs of a store: which there are, and which days they are to start for. A day is started once its <c>_SUCCESS</c> is there: by the
/// message that announces it, or by a scan where nobody announces anything. A note of each started day keeps one from being started again
/// when the model's alias has moved since.
/// </summary>
/// <param name="store">The store that holds them.</param>
/// <param name="pool">Opens the stores of input and output.</param>
/// <param name="queue">Gets the messages of the runs that they make.</param>
/// <param name="pin">Pins models.</param>
/// <param name="time">Clock.</param>
public sealed class StandingRuns(IStore store, StorePool pool, IQueue queue, ModelPinning pin, TimeProvider time)
{
    private const string Prefix = "runs/_standing/";

    /// <summary>Puts a standing run, in place of the one that the set had; days before the first of them stay as they are.</summary>
    public static async Task PutAsync(IStore store, StandingRun standing, CancellationToken cancellation)
    {
        string key = $"{Prefix}{standing.Output.Name}.json";
        if (await store.FindAsync(key, cancellation).ConfigureAwait(false) is { } item && await store.GetAsync(key, cancellation).ConfigureAwait(false) is { } found)
        {
            StandingRun before = RunJson.Read(store, key, found.Content, RunJson.Default.StandingRun);
            if (before.Input == standing.Input) standing = standing with { Since = before.Since ?? item.Modified };
        }

        await store.PutAsync(key, RunJson.Write(standing, RunJson.Default.StandingRun), PutCondition.None, cancellation).ConfigureAwait(false);
    }

    /// <summary>Does what the arrival of an object asks for.</summary>
    /// <returns>The run that was made of it; a null run when it is a file of a day that is not complete; null when nobody watches it.</returns>
    public async Task<Arrival?> AcceptAsync(CreatedObject created, CancellationToken cancellation)
    {
        string url = $"s3://{created.Bucket}/{created.Key}";
        await foreach (StandingRun standing in AllAsync(cancellation).ConfigureAwait(false))
        {
            string watched = standing.Input.In(store.Url) + "/";
            if (!url.StartsWith(watched, StringComparison.Ordinal)) continue;
            if (!url.EndsWith("/" + RunKeys.Success, StringComparison.Ordinal)) return new Arrival(null);

            string below = url[watched.Length..^RunKeys.Success.Length];
            StoredObject? success = await pool.Open(standing.Input, store).FindAsync(standing.Input.Prefix + below + RunKeys.Success, cancellation).ConfigureAwait(false);
            StartedDay? started = await FindStartedAsync(standing, below, success, cancellation).ConfigureAwait(false);
            return new Arrival(started?.Run ?? await StartAsync(standing, below, success, cancellation).ConfigureAwait(false));
        }

        return null;
    }

    /// <summary>Starts the runs of all days that are complete and have none. Costs a listing of all that the standing runs watch.</summary>
    /// <returns>What was started now, and what could not be.</returns>
    public async Task<IReadOnlyList<StandingStart>> ScanAsync(CancellationToken cancellation)
    {
        var starts = new List<StandingStart>();
        await foreach (StandingRun standing in AllAsync(cancellation).ConfigureAwait(false))
        {
            await foreach (StoredObject item in pool.Open(standing.Input, store).ListAsync(standing.Input.Prefix, cancellation).ConfigureAwait(false))
            {
                string key = "/" + item.Key[standing.Input.Prefix.Length..];
                if (!key.EndsWith("/" + RunKeys.Success, StringComparison.Ordinal) || item.Modified < standing.Since) continue;
                string below = key[1..^RunKeys.Success.Length];
                if (await FindStartedAsync(standing, below, item, cancellation).ConfigureAwait(false) is not null) continue;
                starts.Add(await TryStartAsync(standing, below, item, cancellation).ConfigureAwait(false));
            }
        }

        return starts;
    }

    /// <summary>Every standing run, each with the time from which its days count.</summary>
    private async IAsyncEnumerable<StandingRun> AllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (StoredObject item in store.ListAsync(Prefix, cancellation).ConfigureAwait(false))
        {
            if (await store.GetAsync(item.Key, cancellation).ConfigureAwait(false) is not { } found) continue;
            StandingRun standing = RunJson.Read(store, item.Key, found.Content, RunJson.Default.StandingRun);
            yield return standing.Since is null ? standing with { Since = item.Modified } : standing;
        }
    }

    private async Task<StandingStart> TryStartAsync(StandingRun standing, string below, StoredObject success, CancellationToken cancellation)
    {
        try
        {
            return new StandingStart(standing.Output.Name, below, await StartAsync(standing, below, success, cancellation).ConfigureAwait(false));
        }
        catch (Exception e) when (e is not (OperationCanceledException or StoreException or QueueException))
        {
            // What is wrong with one day or its model, by whatever name, is no reason to leave the others.
            return new StandingStart(standing.Output.Name, below, null, e.Message);
        }
    }

    private async Task<string> StartAsync(StandingRun standing, string below, StoredObject? success, CancellationToken cancellation)
    {
        (var model, var metrics) = await pin(standing.Model, cancellation).ConfigureAwait(false);
        RunPlan plan = await new RunPlanner(store, pool, time).PlanAsync(new RunRequest
        {
            Model = model,
            ModelMetrics = metrics,
            Input = standing.Input with { Prefix = standing.Input.Prefix + below },
            Output = standing.Output,
            Settings = standing.Settings,
            Gate = standing.Gate,
            Deadline = standing.DeadlineSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        }, cancellation).ConfigureAwait(false);
        string run = (await new RunSubmission(store, pool, queue).SubmitAsync(plan, cancellation).ConfigureAwait(false)).Run.Plan.Run;

        // Last: whoever stops before it starts the day again, and asks for the same run.
        if (success is not null)
            await store.PutAsync(RunKeys.StartedDay(standing.Output.Name, below), RunJson.Write(new StartedDay(run, VersionOf(success)), RunJson.Default.StartedDay), PutCondition.None, cancellation).ConfigureAwait(false);
        return run;
    }

    /// <summary>The note of a day that was started for this very <c>_SUCCESS</c>; a later one tells that the day was made anew.</summary>
    private async Task<StartedDay?> FindStartedAsync(StandingRun standing, string below, StoredObject? success, CancellationToken cancellation)
    {
        string key = RunKeys.StartedDay(standing.Output.Name, below);
        if (success is null || await store.GetAsync(key, cancellation).ConfigureAwait(false) is not { } found) return null;
        StartedDay started = RunJson.Read(store, key, found.Content, RunJson.Default.StartedDay);
        return started.Success == VersionOf(success) ? started : null;
    }

    private static string VersionOf(StoredObject success) => $"{success.ETag} {success.Modified.UtcDateTime:O}";
}

/// <summary>What the arrival of an object meant to a standing run.</summary>
/// <param name="Run">The run that was made; null while its day is not complete.</param>
public sealed record Arrival(string? Run);

/// <summary>A day that a scan found to be started.</summary>
/// <param name="Set">The set of the standing run.</param>
/// <param name="Day">Its folder below the watched one.</param>
/// <param name="Run">The run; null when there is none.</param>
/// <param name="Fault">Why there is none.</param>
public sealed record StandingStart(string Set, string Day, string? Run, string? Fault = null);

/// <summary>That a day was started: <c>runs/_days/‹set›/‹day›/started.json</c>.</summary>
/// <param name="Run">The run.</param>
/// <param name="Success">Which <c>_SUCCESS</c> it was started for.</param>
public sealed record StartedDay(string Run, string Success);
