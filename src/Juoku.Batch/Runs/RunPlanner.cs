using System.Collections.Immutable;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>Makes plans: lists the input, notes the version of every file, cuts files into parts where that is asked for.</summary>
/// <param name="store">The store that is to hold the run.</param>
/// <param name="pool">Opens the stores of input and output.</param>
/// <param name="time">Clock.</param>
public sealed class RunPlanner(IStore store, StorePool pool, TimeProvider time)
{
    /// <summary>Plans a run; puts nothing anywhere.</summary>
    /// <exception cref="NotFoundException">The input has no files.</exception>
    /// <exception cref="UsageException">The request contradicts itself.</exception>
    public async Task<RunPlan> PlanAsync(RunRequest request, CancellationToken cancellation)
    {
        Validate(request);
        IStore input = pool.Open(request.Input, store);
        StoreLocation output = request.Output.AboveDay();
        ImmutableArray<RunInput> inputs = await ListAsync(input, request.Input, cancellation).ConfigureAwait(false);
        if (request.Settings.PartRows is { } rows) inputs = await PartCutter.CutAsync(input, request.Input.Prefix, inputs, rows, cancellation).ConfigureAwait(false);
        DateTimeOffset now = time.GetUtcNow();
        var plan = new RunPlan
        {
            Run = "",
            Set = output.Name,
            Day = request.Output.Day ?? request.Input.Day,
            Model = request.Model,
            Input = request.Input,
            Output = output,
            Inputs = inputs,
            Settings = request.Settings,
            Deadline = now + request.Deadline,
            Gate = request.Gate,
            ModelMetrics = request.ModelMetrics,
            ConfigDigest = RunIdentity.ConfigDigest(request.Settings, request.Gate),
            Created = now,
        };
        return plan with { Run = RunIdentity.Of(plan) };
    }

    private void Validate(RunRequest request)
    {
        if (request.Output.File is not null) throw new UsageException($"--output {request.Output.In(store.Url)}: names a file; a run writes a folder");
        if (request.Settings.PartRows < 1) throw new UsageException($"--part-rows {request.Settings.PartRows}: a part has at least one row");
        if (request.Settings.MaxRejectShare is not (>= 0 and <= 1)) throw new UsageException($"--max-reject-share {request.Settings.MaxRejectShare}: a share lies between 0 and 1");
        if (request.Deadline <= TimeSpan.Zero) throw new UsageException("--deadline: a deadline lies in the future");
        if (request.Output.Day is { } to && request.Input.Day is { } from && to != from)
            throw new UsageException($"--output is of day {to}, but --input of day {from}");
    }

    private async Task<ImmutableArray<RunInput>> ListAsync(IStore input, StoreLocation place, CancellationToken cancellation)
    {
        if (place.File is { } file)
        {
            StoredObject found = await input.FindAsync(place.Prefix + file, cancellation).ConfigureAwait(false)
                ?? throw new NotFoundException($"{place.In(store.Url)}: no such object");
            return [new RunInput(file, found.Length, found.ETag)];
        }

        var inputs = ImmutableArray.CreateBuilder<RunInput>();
        await foreach (StoredObject item in input.ListAsync(place.Prefix, cancellation).ConfigureAwait(false))
        {
            string key = item.Key[place.Prefix.Length..];
            if (IsVisible(key)) inputs.Add(new RunInput(key, item.Length, item.ETag));
        }

        return inputs.Count > 0
            ? inputs.ToImmutable()
            : throw new NotFoundException($"{place.In(store.Url)}: no files there (names that begin with _ or . do not count)");
    }

    /// <summary>Whether no part of a name begins with an underscore or a dot.</summary>
    internal static bool IsVisible(string key) => key.Split('/').All(part => part.Length > 0 && part[0] is not ('_' or '.'));
}
