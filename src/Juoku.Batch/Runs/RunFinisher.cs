using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>
/// Takes the steps towards the end of a run, as <see cref="RunProtocol"/> says, until nothing is left to do or parts are still open. Any
/// number may do so at once, at any time, again and again.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="time">Clock.</param>
public sealed class RunFinisher(RunRecords run, TimeProvider time)
{
    private readonly ReceiptLedger _ledger = new(run);
    private (RunManifest Value, string ETag)? _storedManifest;
    private RunManifest? _manifest;
    private (GateVerdict Value, string ETag)? _verdict;
    private (CurrentPointer Value, string ETag)? _current;

    /// <summary>Finishes what can be finished.</summary>
    /// <returns>What there is of the run now.</returns>
    public async Task<RunFacts> FinishAsync(CancellationToken cancellation)
    {
        while (true)
        {
            RunFacts facts = await LookAsync(cancellation).ConfigureAwait(false);
            switch (RunProtocol.Next(facts))
            {
                case RunStep.Wait:
                    return facts;
                case RunStep.WriteManifest:
                    await run.PutManifestAsync(_manifest!, Over(_storedManifest?.ETag), cancellation).ConfigureAwait(false);
                    break;
                case RunStep.Judge:
                    await run.PutVerdictAsync(await JudgeAsync(cancellation).ConfigureAwait(false), Over(_verdict?.ETag), cancellation).ConfigureAwait(false);
                    break;
                case RunStep.MarkSuccess:
                    await run.Output.PutAsync(run.Plan.OutputFolder + RunKeys.Success, default, PutCondition.None, cancellation).ConfigureAwait(false);
                    break;
                case RunStep.MovePointer:
                    await run.PutCurrentAsync(CurrentPointer.MovedTo(_current?.Value, run.Plan, time.GetUtcNow()), Over(_current?.ETag), cancellation).ConfigureAwait(false);
                    break;
                case RunStep.Settle:
                    await SweepAsync(cancellation).ConfigureAwait(false);
                    await run.Store.DeleteAsync(RunKeys.OpenMark(run.Plan.Run), cancellation).ConfigureAwait(false);
                    return facts;
            }
        }
    }

    /// <summary>Removes what dead workers left half written. One that still lives finds its upload gone, and then the part's receipt.</summary>
    private async Task SweepAsync(CancellationToken cancellation)
    {
        try
        {
            await run.Output.SweepAsync(run.Plan.OutputFolder, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        }
        catch (StoreException)
        {
            // Who may not list unfinished uploads has a rule in the bucket to end them; no reader sees them either way.
        }
    }

    /// <summary>The condition for replacing what was seen; a step that lost is seen as done, or as to be done again, at the next look.</summary>
    private static PutCondition Over(string? etag) => etag is null ? PutCondition.IfAbsent : PutCondition.IfMatch(etag);

    /// <summary>
    /// Looks from the end of the run to its beginning: what is replaced under a condition is read before what it follows from, so that
    /// nobody replaces a manifest of later receipts by one of earlier ones.
    /// </summary>
    private async Task<RunFacts> LookAsync(CancellationToken cancellation)
    {
        bool isCancelled = await run.FindCancelAsync(cancellation).ConfigureAwait(false) is not null;
        _current = await run.FindCurrentAsync(cancellation).ConfigureAwait(false);
        _verdict = await run.FindVerdictAsync(cancellation).ConfigureAwait(false);
        _storedManifest = await run.FindManifestAsync(cancellation).ConfigureAwait(false);
        await _ledger.RefreshAsync(cancellation).ConfigureAwait(false);
        int open = _ledger.OpenParts;
        if (open > 0) return new RunFacts(open, isCancelled, false, null, false, false);

        _manifest = RunManifest.Of(run.Plan, _ledger.Receipts.Values.Select(stored => stored.Receipt));
        bool hasManifest = _storedManifest?.Value.ReceiptsDigest == _manifest.ReceiptsDigest;
        bool? passed = _verdict?.Value is { } verdict && verdict.ReceiptsDigest == _manifest.ReceiptsDigest ? verdict.Passed : null;
        bool hasSuccess = passed is true && await run.HasSuccessAsync(cancellation).ConfigureAwait(false);
        return new RunFacts(0, isCancelled, hasManifest, passed, hasSuccess, CurrentPointer.IsDue(_current?.Value, run.Plan));
    }

    private async Task<GateVerdict> JudgeAsync(CancellationToken cancellation)
    {
        // A run that is current already (it was published by force, then retried) is held against the one before it.
        string? before = _current?.Value is not { } current ? null : current.Run != run.Plan.Run ? current.Folder : current.Previous.FirstOrDefault()?.Folder;
        RunManifest? baseline = before is null ? null : await run.FindManifestOfAsync(before, cancellation).ConfigureAwait(false);
        return PublicationGate.Judge(run.Plan, _manifest!, baseline, await DamageAsync(cancellation).ConfigureAwait(false), time.GetUtcNow());
    }

    /// <summary>Output files that are not what the receipts say, or that no receipt names.</summary>
    private async Task<IReadOnlyList<string>> DamageAsync(CancellationToken cancellation)
    {
        Dictionary<string, ManifestFile> expected = _manifest!.Files.ToDictionary(file => file.Name);
        var damage = new List<string>();
        await foreach (StoredObject item in run.Output.ListAsync(run.Plan.OutputFolder, cancellation).ConfigureAwait(false))
        {
            string name = item.Key[run.Plan.OutputFolder.Length..];
            if (!RunPlanner.IsVisible(name)) continue;
            if (!expected.Remove(name, out ManifestFile? file)) damage.Add($"{name} lies in the output, but no receipt names it");
            else if (item.Length != file.Length) damage.Add($"{name} has {item.Length} bytes where its receipt says {file.Length}");
        }

        damage.AddRange(expected.Keys.Select(name => $"{name} is missing from the output"));
        return damage.Count <= 10 ? damage : [.. damage.Take(10), $"and {damage.Count - 10} more such files"];
    }
}
