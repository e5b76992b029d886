using System.Security.Cryptography;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.Soak.Tests;

/// <summary>Compares what a run left behind with what it must have: a line for everything that is wrong.</summary>
/// <param name="run">The run.</param>
/// <param name="input">What it was made from.</param>
/// <param name="folder">For copies of output files.</param>
internal sealed class SoakAudit(RunRecords run, SoakInput input, string folder)
{
    private readonly List<string> _wrong = [];

    /// <summary>Rows predicted.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows set aside.</summary>
    public long RejectedRows { get; private set; }

    /// <summary>Parts rejected.</summary>
    public int RejectedParts { get; private set; }

    /// <summary>Attempts that receipts tell of beyond the first of each part.</summary>
    public int Retries { get; private set; }

    /// <summary>Compares.</summary>
    /// <param name="expected">The prediction of every good row, by key.</param>
    /// <param name="queue">Its queue.</param>
    /// <param name="foreign">Messages that are not ours and must be among its dead letters.</param>
    public async Task<IReadOnlyList<string>> FindAsync(IReadOnlyDictionary<string, double> expected, IQueue queue, int foreign)
    {
        var ledger = new ReceiptLedger(run);
        await ledger.RefreshAsync(CancellationToken.None);
        PartReceipt[] receipts = [.. ledger.Receipts.Values.Select(stored => stored.Receipt).OrderBy(receipt => receipt.Part)];
        Retries = receipts.Sum(receipt => Math.Max(0, receipt.Attempt - 1));
        Compare(receipts.Length, run.Parts.Count, "receipts");
        CompareReceipts(receipts);
        await ComparePredictionsAsync(receipts, expected);
        await CompareFilesAsync(receipts);
        await CompareManifestAsync(receipts);
        QueueDepth depth = await queue.CountAsync(CancellationToken.None);
        Compare(depth.Visible + depth.InFlight, 0, "messages left");
        if (depth.Dead < foreign) _wrong.Add($"{foreign} messages were not ours, but only {depth.Dead} are dead letters");
        await foreach (StoredObject mark in run.Store.ListAsync(RunKeys.Open, CancellationToken.None)) _wrong.Add($"{mark.Key} marks a run as open still");
        return _wrong;
    }

    private void CompareReceipts(PartReceipt[] receipts)
    {
        foreach (PartReceipt receipt in receipts)
        {
            string file = run.Parts[receipt.Part].Input.Key;
            PartState must = input.BadFiles.Contains(file) ? PartState.Rejected : PartState.Finished;
            if (receipt.State != must) _wrong.Add($"part {receipt.Part} ({file}) is {receipt.State} where it must be {must}: {receipt.Fault?.Reason}");
            if (receipt.State == PartState.Rejected && (receipt.Fault is not { Reason.Length: > 0 } fault || fault.File != file)) _wrong.Add($"part {receipt.Part} is rejected without its file and a reason");
            if (receipt.State == PartState.Finished) Compare(receipt.Output!.RejectedRows, input.BadRows.GetValueOrDefault(file), $"bad rows of {file}");
        }

        RejectedParts = receipts.Count(receipt => receipt.State == PartState.Rejected);
    }

    private async Task ComparePredictionsAsync(PartReceipt[] receipts, IReadOnlyDictionary<string, double> expected)
    {
        var found = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (PartOutput output in receipts.Select(receipt => receipt.Output).OfType<PartOutput>())
        {
            if (await run.Output.GetAsync(run.Plan.OutputFolder + output.Name, CancellationToken.None) is not { } bytes)
            {
                _wrong.Add($"{output.Name} is missing");
                continue;
            }

            if (Convert.ToHexStringLower(SHA256.HashData(bytes.Content.Span)) != output.Sha256) _wrong.Add($"{output.Name} has other bytes than its receipt says");
            string copy = Path.Combine(folder, "output.parquet");
            await File.WriteAllBytesAsync(copy, bytes.Content.ToArray());
            foreach ((string key, double score) in SoakInput.Scores(copy))
            {
                if (!found.TryAdd(key, score)) _wrong.Add($"{key} has two predictions");
                if (!expected.TryGetValue(key, out double must)) _wrong.Add($"{key} has a prediction and must have none");
                else if (BitConverter.DoubleToInt64Bits(must) != BitConverter.DoubleToInt64Bits(score)) _wrong.Add($"{key} has the prediction {score} where predict says {must}");
            }
        }

        Rows = found.Count;
        Compare(found.Count, expected.Count, "keys with a prediction");
    }

    private async Task CompareFilesAsync(PartReceipt[] receipts)
    {
        HashSet<string> named = [.. receipts.Select(receipt => receipt.Output?.Name).OfType<string>(), .. receipts.Select(receipt => receipt.Output?.Rejects).OfType<string>(), RunKeys.Manifest, RunKeys.Success];
        await foreach (StoredObject item in run.Output.ListAsync(run.Plan.OutputFolder, CancellationToken.None))
            if (!named.Remove(item.Key[run.Plan.OutputFolder.Length..])) _wrong.Add($"{item.Key} is there, and no receipt names it");
        foreach (string name in named) _wrong.Add($"{name} is not there");

        // What killed writers left behind goes, and all of it.
        await run.Output.SweepAsync("", TimeSpan.Zero, CancellationToken.None);
        Compare(await run.Output.SweepAsync("", TimeSpan.Zero, CancellationToken.None), 0, "unfinished objects after a sweep");
        if (run.Output is FileStore files && Directory.Exists(files.PathTo("predictions")))
        {
            foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(files.PathTo("predictions"))!, ".*.partial", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
                _wrong.Add($"{file} is left");
        }
    }

    private async Task CompareManifestAsync(PartReceipt[] receipts)
    {
        if (await run.FindManifestAsync(CancellationToken.None) is not ({ } manifest, _))
        {
            _wrong.Add("there is no manifest");
            return;
        }

        PartOutput[] outputs = [.. receipts.Select(receipt => receipt.Output).OfType<PartOutput>()];
        Compare(manifest.Parts, run.Parts.Count, "parts in the manifest");
        Compare(manifest.RejectedParts, receipts.Count(receipt => receipt.State != PartState.Finished), "rejected parts in the manifest");
        Compare(manifest.Rows, outputs.Sum(output => output.Rows), "rows in the manifest");
        Compare(manifest.Rows, Rows, "rows in the manifest against those in the files");
        Compare(manifest.RejectedRows, outputs.Sum(output => output.RejectedRows), "rows set aside in the manifest");
        RejectedRows = manifest.RejectedRows;
        if (!await run.HasSuccessAsync(CancellationToken.None)) _wrong.Add("there is no _SUCCESS");
        string? current = (await run.FindCurrentAsync(CancellationToken.None))?.Value.Run;
        if (current != run.Plan.Run) _wrong.Add($"readers use run {current} instead of {run.Plan.Run}");
        if ((await run.FindVerdictAsync(CancellationToken.None))?.Value is not { Passed: true } verdict || verdict.ReceiptsDigest != manifest.ReceiptsDigest)
            _wrong.Add($"the gate did not pass these receipts: {string.Join("; ", (await run.FindVerdictAsync(CancellationToken.None))?.Value.Reasons ?? ["there is no verdict"])}");
    }

    private void Compare(long found, long must, string what)
    {
        if (found != must) _wrong.Add($"{what}: {found} where there must be {must}");
    }
}
