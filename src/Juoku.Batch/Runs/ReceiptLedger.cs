using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>
/// The receipts of a run as last looked at. A look lists them and reads only those that are new or changed, so that to watch a run of a
/// hundred thousand parts costs a listing a look and a read a part. Not thread-safe.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="keep">What to keep of a receipt, where memory counts; null for all of it.</param>
public sealed class ReceiptLedger(RunRecords run, Func<PartReceipt, PartReceipt>? keep = null)
{
    private const int ReadsAtOnce = 32;

    private readonly Dictionary<int, StoredReceipt> _receipts = [];

    /// <summary>The receipts, by part.</summary>
    public IReadOnlyDictionary<int, StoredReceipt> Receipts => _receipts;

    /// <summary>Parts without a final receipt.</summary>
    public int OpenParts => run.Parts.Count - _receipts.Values.Count(stored => stored.Receipt.IsFinal);

    /// <summary>How many parts have a receipt of any kind; reads none of them.</summary>
    public static async Task<int> CountAsync(RunRecords run, CancellationToken cancellation)
    {
        int count = 0;
        await foreach (StoredObject item in run.Store.ListAsync(RunKeys.Receipts(run.Plan.Run), cancellation).ConfigureAwait(false))
            if (RunKeys.PartOf(item.Key) is { } part && part < run.Parts.Count) count++;
        return count;
    }

    /// <summary>Looks.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var changed = new List<int>();
        var seen = new HashSet<int>();
        await foreach (StoredObject item in run.Store.ListAsync(RunKeys.Receipts(run.Plan.Run), cancellation).ConfigureAwait(false))
        {
            if (RunKeys.PartOf(item.Key) is not { } part || part >= run.Parts.Count) continue;
            seen.Add(part);
            if (!_receipts.TryGetValue(part, out StoredReceipt? known) || known.ETag != item.ETag) changed.Add(part);
        }

        foreach (int gone in _receipts.Keys.Where(part => !seen.Contains(part)).ToList()) _receipts.Remove(gone);
        var read = new StoredReceipt?[changed.Count];
        int next = -1;
        async Task ReadAsync()
        {
            // No thread of the pool's is needed for this; and what hops to none can be run under a schedule of the tests' own.
            while (Interlocked.Increment(ref next) is var i && i < read.Length) read[i] = await run.FindReceiptAsync(changed[i], cancellation).ConfigureAwait(false);
        }

        try
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(ReadsAtOnce, read.Length)).Select(_ => ReadAsync())).ConfigureAwait(false);
        }
        finally
        {
            // Also after a fault: where one read in fifty fails, three hundred would never succeed together.
            for (int i = 0; i < read.Length; i++)
                if (read[i] is { } stored) _receipts[changed[i]] = keep is null ? stored : stored with { Receipt = keep(stored.Receipt) };
        }
    }
}
