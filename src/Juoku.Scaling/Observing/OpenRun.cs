using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.Scaling.Observing;

/// <summary>A run under watch: its plan, its receipts as last looked at, and what the run before it tells.</summary>
internal sealed class OpenRun(RunRecords run)
{
    /// <summary>Taken for the size of a row before any part of the set was finished; nothing is decided by it, since no rate is known then.</summary>
    private const double AssumedBytesPerRow = 100;

    private const int PriorParts = 64;
    private const double PartsPerSecondOfPause = 2000;

    private readonly ReceiptLedger _ledger = new(run, Slim);
    private (PartReceipt Receipt, long Bytes)[]? _prior;
    private DateTimeOffset _due;

    /// <summary>The receipts of parts that are done.</summary>
    public IEnumerable<PartReceipt> Receipts => _ledger.Receipts.Values.Select(stored => stored.Receipt).Where(receipt => receipt.IsFinal);

    /// <summary>Receipts of the run that readers use, or used before it.</summary>
    public IEnumerable<PartReceipt> Prior => (_prior ?? []).Select(part => part.Receipt);

    /// <summary>Looks at the receipts; a listing grows with the parts, so the largest runs are looked at less often.</summary>
    public async Task LookAsync(StorePool pool, DateTimeOffset now, CancellationToken cancellation)
    {
        if (now >= _due)
        {
            await _ledger.RefreshAsync(cancellation).ConfigureAwait(false);
            _due = now.AddSeconds(Math.Floor(run.Parts.Count / PartsPerSecondOfPause));
        }

        _prior ??= await PriorAsync(pool, cancellation).ConfigureAwait(false);
    }

    /// <summary>What is left of it.</summary>
    public RunSnapshot Snapshot()
    {
        double bytesPerRow = BytesPerRow();
        int open = 0;
        long bytes = 0;
        for (int part = 0; part < run.Parts.Count; part++)
        {
            if (_ledger.Receipts.TryGetValue(part, out StoredReceipt? stored) && stored.Receipt.IsFinal) continue;
            open++;
            bytes += run.Parts[part].Bytes;
        }

        return new()
        {
            Run = run.Plan.Run,
            Set = run.Plan.Set,
            Created = run.Plan.Created,
            Deadline = run.Plan.Deadline,
            OpenParts = open,
            OpenRows = Math.Max(open, (long)(bytes / bytesPerRow)),
        };
    }

    private double BytesPerRow()
    {
        (double bytes, double rows) = Sum(Receipts.Select(receipt => (receipt, run.Parts[receipt.Part].Bytes)));
        if (rows == 0) (bytes, rows) = Sum(_prior ?? []);
        return rows > 0 && bytes > 0 ? bytes / rows : AssumedBytesPerRow;

        static (double Bytes, double Rows) Sum(IEnumerable<(PartReceipt Receipt, long Bytes)> parts)
        {
            double bytes = 0, rows = 0;
            foreach ((PartReceipt receipt, long size) in parts)
            {
                if (receipt.Output is not { } output) continue;
                bytes += size;
                rows += output.Rows + output.RejectedRows;
            }

            return (bytes, rows);
        }
    }

    private async Task<(PartReceipt, long)[]> PriorAsync(StorePool pool, CancellationToken cancellation)
    {
        if (await run.FindCurrentAsync(cancellation).ConfigureAwait(false) is not var (current, _)) return [];
        string? name = current.Run != run.Plan.Run ? current.Run : current.Previous.FirstOrDefault()?.Run;
        if (name is null || await RunRecords.FindAsync(name, run.Store, pool, cancellation).ConfigureAwait(false) is not { } before) return [];
        var listed = new List<StoredObject>();
        await foreach (StoredObject item in run.Store.ListAsync(RunKeys.Receipts(name), cancellation).ConfigureAwait(false)) listed.Add(item);
        int[] parts = [.. listed.OrderByDescending(item => item.Modified).Select(item => RunKeys.PartOf(item.Key)).OfType<int>().Where(part => part < before.Parts.Count).Take(PriorParts)];
        StoredReceipt?[] read = await Task.WhenAll(parts.Select(part => before.FindReceiptAsync(part, cancellation))).ConfigureAwait(false);
        return [.. read.OfType<StoredReceipt>().Where(stored => stored.Receipt.IsFinal).Select(stored => (Slim(stored.Receipt), before.Parts[stored.Receipt.Part].Bytes))];
    }

    /// <summary>A run may have a hundred thousand receipts, and nobody asks for the distribution of their scores here.</summary>
    private static PartReceipt Slim(PartReceipt receipt) =>
        receipt.Output is { } output ? receipt with { Output = output with { Scores = new ScoreSummary(0, 0, []) } } : receipt;
}
