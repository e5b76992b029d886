using Juoku.Batch.Queues;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>The standing runs of a store: which there are, and what the arrival of an object means to them.</summary>
/// <param name="store">The store that holds them.</param>
/// <param name="pool">Opens the stores of input and output.</param>
/// <param name="queue">Gets the messages of the runs that they make.</param>
/// <param name="pin">Pins models.</param>
/// <param name="time">Clock.</param>
public sealed class StandingRuns(IStore store, StorePool pool, IQueue queue, ModelPinning pin, TimeProvider time)
{
    private const string Prefix = "runs/_standing/";

    /// <summary>Puts a standing run, in place of the one that the set had.</summary>
    public static Task PutAsync(IStore store, StandingRun standing, CancellationToken cancellation) =>
        store.PutAsync($"{Prefix}{standing.Output.Name}.json", RunJson.Write(standing, RunJson.Default.StandingRun), PutCondition.None, cancellation);

    /// <summary>Does what the arrival of an object asks for.</summary>
    /// <returns>The run that was made of it; a null run when it is a file of a day that is not complete; null when nobody watches it.</returns>
    public async Task<Arrival?> AcceptAsync(CreatedObject created, CancellationToken cancellation)
    {
        string url = $"s3://{created.Bucket}/{created.Key}";
        await foreach (StoredObject item in store.ListAsync(Prefix, cancellation).ConfigureAwait(false))
        {
            if (await store.GetAsync(item.Key, cancellation).ConfigureAwait(false) is not { } found) continue;
            StandingRun standing = RunJson.Read(store, item.Key, found.Content, RunJson.Default.StandingRun);
            string watched = standing.Input.In(store.Url) + "/";
            if (!url.StartsWith(watched, StringComparison.Ordinal)) continue;
            if (!url.EndsWith("/" + RunKeys.Success, StringComparison.Ordinal)) return new Arrival(null);

            string below = url[watched.Length..^RunKeys.Success.Length];
            StoreLocation day = standing.Input with { Prefix = standing.Input.Prefix + below };
            (var model, var metrics) = await pin(standing.Model, cancellation).ConfigureAwait(false);
            RunPlan plan = await new RunPlanner(store, pool, time).PlanAsync(new RunRequest
            {
                Model = model,
                ModelMetrics = metrics,
                Input = day,
                Output = standing.Output,
                Settings = standing.Settings,
                Gate = standing.Gate,
                Deadline = standing.DeadlineSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            }, cancellation).ConfigureAwait(false);
            return new Arrival((await new RunSubmission(store, pool, queue).SubmitAsync(plan, cancellation).ConfigureAwait(false)).Run.Plan.Run);
        }

        return null;
    }
}

/// <summary>What the arrival of an object meant to a standing run.</summary>
/// <param name="Run">The run that was made; null while its day is not complete.</param>
public sealed record Arrival(string? Run);
