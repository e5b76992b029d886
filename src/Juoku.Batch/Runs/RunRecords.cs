using System.Text.Json.Serialization.Metadata;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>A run's objects in its stores. Reads and puts, decides nothing: <see cref="PartProtocol"/> and <see cref="RunProtocol"/> do.</summary>
public sealed class RunRecords
{
    private RunRecords(RunPlan plan, IStore store, IStore input, IStore output)
    {
        Plan = plan;
        Parts = new RunParts(plan);
        (Store, Input, Output) = (store, input, output);
    }

    /// <summary>What was asked.</summary>
    public RunPlan Plan { get; }

    /// <summary>Its parts.</summary>
    public RunParts Parts { get; }

    /// <summary>The store that holds the run.</summary>
    public IStore Store { get; }

    /// <summary>The store of its input.</summary>
    public IStore Input { get; }

    /// <summary>The store of its output.</summary>
    public IStore Output { get; }

    /// <summary>The records of a plan that is at hand.</summary>
    public static RunRecords Of(RunPlan plan, IStore store, StorePool pool) => new(plan, store, pool.Open(plan.Input, store), pool.Open(plan.Output, store));

    /// <summary>Finds a run; null when the store has none of that name.</summary>
    public static async Task<RunRecords?> FindAsync(string run, IStore store, StorePool pool, CancellationToken cancellation)
    {
        if (!RunKeys.IsRunName(run)) return null;
        string key = RunKeys.Plan(run);
        StoredBytes? found = await store.GetAsync(key, cancellation).ConfigureAwait(false);
        return found is null ? null : Of(RunJson.Read(store, key, found.Content, RunJson.Default.RunPlan), store, pool);
    }

    /// <summary>Opens a run that must be there.</summary>
    /// <exception cref="NotFoundException">The store has none of that name.</exception>
    public static async Task<RunRecords> OpenAsync(string run, IStore store, StorePool pool, CancellationToken cancellation) =>
        await FindAsync(run, store, pool, cancellation).ConfigureAwait(false)
        ?? throw new NotFoundException($"no run '{run}' in {store.Url}; 'juoku run list' shows those there are");

    /// <summary>Receipt of a part; null when there is none.</summary>
    public async Task<StoredReceipt?> FindReceiptAsync(int part, CancellationToken cancellation) =>
        await GetAsync(Store, RunKeys.Receipt(Plan.Run, part), RunJson.Default.PartReceipt, cancellation).ConfigureAwait(false) is var (receipt, etag)
            ? new StoredReceipt(receipt, etag) : null;

    /// <summary>Puts a receipt; false when the condition does not hold.</summary>
    public Task<bool> PutReceiptAsync(PartReceipt receipt, PutCondition condition, CancellationToken cancellation) =>
        PutAsync(Store, RunKeys.Receipt(Plan.Run, receipt.Part), receipt, RunJson.Default.PartReceipt, condition, cancellation);

    /// <summary>When the run was cancelled; null when it was not.</summary>
    public async Task<CancelMark?> FindCancelAsync(CancellationToken cancellation) =>
        (await GetAsync(Store, RunKeys.Cancelled(Plan.Run), RunJson.Default.CancelMark, cancellation).ConfigureAwait(false))?.Value;

    /// <summary>The manifest and its version; null when there is none.</summary>
    public Task<(RunManifest Value, string ETag)?> FindManifestAsync(CancellationToken cancellation) =>
        GetAsync(Output, Plan.OutputFolder + RunKeys.Manifest, RunJson.Default.RunManifest, cancellation);

    /// <summary>Puts the manifest; false when the condition does not hold.</summary>
    public Task<bool> PutManifestAsync(RunManifest manifest, PutCondition condition, CancellationToken cancellation) =>
        PutAsync(Output, Plan.OutputFolder + RunKeys.Manifest, manifest, RunJson.Default.RunManifest, condition, cancellation);

    /// <summary>The gate's verdict and its version; null when there is none.</summary>
    public Task<(GateVerdict Value, string ETag)?> FindVerdictAsync(CancellationToken cancellation) =>
        GetAsync(Store, RunKeys.Gate(Plan.Run), RunJson.Default.GateVerdict, cancellation);

    /// <summary>Puts the verdict; false when the condition does not hold.</summary>
    public Task<bool> PutVerdictAsync(GateVerdict verdict, PutCondition condition, CancellationToken cancellation) =>
        PutAsync(Store, RunKeys.Gate(Plan.Run), verdict, RunJson.Default.GateVerdict, condition, cancellation);

    /// <summary>Whether the run is marked as a success.</summary>
    public async Task<bool> HasSuccessAsync(CancellationToken cancellation) =>
        await Output.FindAsync(Plan.OutputFolder + RunKeys.Success, cancellation).ConfigureAwait(false) is not null;

    /// <summary>Which run readers of the set use, and the version of that; null before the first.</summary>
    public Task<(CurrentPointer Value, string ETag)?> FindCurrentAsync(CancellationToken cancellation) =>
        GetAsync(Output, Plan.Output.Prefix + RunKeys.Current, RunJson.Default.CurrentPointer, cancellation);

    /// <summary>Moves the readers; false when the condition does not hold.</summary>
    public Task<bool> PutCurrentAsync(CurrentPointer pointer, PutCondition condition, CancellationToken cancellation) =>
        PutAsync(Output, Plan.Output.Prefix + RunKeys.Current, pointer, RunJson.Default.CurrentPointer, condition, cancellation);

    /// <summary>The manifest of another run of the set, by its folder in the set; null when it is gone.</summary>
    public async Task<RunManifest?> FindManifestOfAsync(string folderInSet, CancellationToken cancellation) =>
        (await GetAsync(Output, $"{Plan.Output.Prefix}{folderInSet}{RunKeys.Manifest}", RunJson.Default.RunManifest, cancellation).ConfigureAwait(false))?.Value;

    private static async Task<(T Value, string ETag)?> GetAsync<T>(IStore store, string key, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        await store.GetAsync(key, cancellation).ConfigureAwait(false) is { } found ? (RunJson.Read(store, key, found.Content, type), found.ETag) : null;

    private static async Task<bool> PutAsync<T>(IStore store, string key, T value, JsonTypeInfo<T> type, PutCondition condition, CancellationToken cancellation) =>
        await store.PutAsync(key, RunJson.Write(value, type), condition, cancellation).ConfigureAwait(false) is not null;
}
