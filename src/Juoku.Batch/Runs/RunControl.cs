using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>What people do to runs: cancel, retry, publish, roll back. All of it can be done again after it was stopped half way.</summary>
/// <param name="run">The run.</param>
/// <param name="time">Clock.</param>
public sealed class RunControl(RunRecords run, TimeProvider time)
{
    private string Name => run.Plan.Run;

    /// <summary>Cancels: workers drop the run's messages, and it is never published.</summary>
    /// <returns>False when it was cancelled already.</returns>
    /// <exception cref="RunException">Readers use it, or did.</exception>
    public async Task<bool> CancelAsync(CancellationToken cancellation)
    {
        if (await run.FindVerdictAsync(cancellation).ConfigureAwait(false) is ({ Passed: true }, _))
            throw new RunException($"run {Name} is complete and published; 'juoku run rollback' takes readers back to the one before");
        byte[] mark = RunJson.Write(new CancelMark(time.GetUtcNow()), RunJson.Default.CancelMark);
        bool isNew = await run.Store.PutAsync(RunKeys.Cancelled(Name), mark, PutCondition.IfAbsent, cancellation).ConfigureAwait(false) is not null;
        await new RunFinisher(run, time).FinishAsync(cancellation).ConfigureAwait(false);
        return isNew;
    }

    /// <summary>
    /// Takes rejected and dead parts up again, in a new generation, and sends the messages of all parts that are open; also heals a run whose
    /// messages were lost, and one that was cancelled.
    /// </summary>
    /// <param name="submission">Sends them.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>How many parts were opened again, and how many messages were sent.</returns>
    /// <exception cref="RunException">Readers use the run as it is.</exception>
    public async Task<(int Reopened, int Sent)> RetryAsync(RunSubmission submission, CancellationToken cancellation)
    {
        var ledger = new ReceiptLedger(run);
        await ledger.RefreshAsync(cancellation).ConfigureAwait(false);
        StoredReceipt[] failed = [.. ledger.Receipts.Values.Where(stored => PartProtocol.Reopen(stored.Receipt, default) is not null)];
        if (failed.Length > 0 && await run.FindCurrentAsync(cancellation).ConfigureAwait(false) is var (current, _) && current.Run == Name)
            throw new RunException($"run {Name} is what readers of {run.Plan.Set} use; 'juoku run rollback' first, then retry");

        // The mark first: from here on the run is one that somebody has to finish.
        await submission.MarkOpenAsync(Name, cancellation).ConfigureAwait(false);
        await run.Store.DeleteAsync(RunKeys.Cancelled(Name), cancellation).ConfigureAwait(false);
        int reopened = 0;
        if (failed.Length > 0) await run.Output.DeleteAsync(run.Plan.OutputFolder + RunKeys.Success, cancellation).ConfigureAwait(false);
        foreach (StoredReceipt stored in failed)
        {
            // Replaced, not deleted: a late worker finds a receipt of a later generation than its message, never a gap.
            PartReceipt open = PartProtocol.Reopen(stored.Receipt, time.GetUtcNow())!;
            if (await run.PutReceiptAsync(open, PutCondition.IfMatch(stored.ETag), cancellation).ConfigureAwait(false)) reopened++;
        }

        int sent = await submission.SendAsync(run, await RunSubmission.OpenPartsAsync(run, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        return (reopened, sent);
    }

    /// <summary>Publishes a complete run whatever the gate said.</summary>
    /// <exception cref="RunException">It is not complete, or was cancelled.</exception>
    public async Task PublishAsync(bool force, CancellationToken cancellation)
    {
        RunFacts facts = await new RunFinisher(run, time).FinishAsync(cancellation).ConfigureAwait(false);
        if (facts.IsCancelled) throw new RunException($"run {Name} was cancelled; 'juoku run retry {Name}' takes it up again");
        if (facts.OpenParts > 0) throw new RunException($"run {Name} is not complete: {facts.OpenParts} of {run.Parts.Count} parts are open; 'juoku run wait {Name}'");
        (GateVerdict verdict, string etag) = await run.FindVerdictAsync(cancellation).ConfigureAwait(false) ?? throw new RunException($"run {Name} has just been reopened; try again when it is complete");
        if (!verdict.Passed)
        {
            if (!force) throw new RunException($"run {Name} did not pass its gate: {verdict.Reasons[0]}{(verdict.Reasons.Length > 1 ? $" (and {verdict.Reasons.Length - 1} more)" : "")}; --force publishes it all the same");
            GateVerdict forced = verdict with { Passed = true, Forced = true, Time = time.GetUtcNow() };
            if (!await run.PutVerdictAsync(forced, PutCondition.IfMatch(etag), cancellation).ConfigureAwait(false))
                throw new RunException($"run {Name} changed meanwhile; look at 'juoku run status {Name}' and decide again");
        }

        await new RunFinisher(run, time).FinishAsync(cancellation).ConfigureAwait(false);

        // What the gate let pass may still not be current: it was rolled back, or a later day's run is. A person says so now.
        while (await run.FindCurrentAsync(cancellation).ConfigureAwait(false) is var (current, version) && current.Run != Name)
        {
            if (!force) throw new RunException($"readers of {run.Plan.Set} use run {current.Run}{(current.Day is null ? "" : $" of {current.Day}")}; --force moves them to {Name}");
            await run.PutCurrentAsync(CurrentPointer.MovedTo(current, run.Plan, time.GetUtcNow()), PutCondition.IfMatch(version), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Moves readers back from this run to the one before it.</summary>
    /// <returns>The run that readers use now.</returns>
    /// <exception cref="RunException">Readers do not use this run, or there is none before it.</exception>
    public async Task<string> RollBackAsync(CancellationToken cancellation)
    {
        (CurrentPointer current, string etag) = await run.FindCurrentAsync(cancellation).ConfigureAwait(false)
            ?? throw new RunException($"nothing of {run.Plan.Set} is published; there is nothing to roll back");
        if (current.Run != Name) throw new RunException($"readers of {run.Plan.Set} use run {current.Run}, not {Name}");
        CurrentPointer back = current.MovedBack() ?? throw new RunException($"run {Name} is the first of {run.Plan.Set} that was published; there is none to go back to");
        return await run.PutCurrentAsync(back, PutCondition.IfMatch(etag), cancellation).ConfigureAwait(false)
            ? back.Run
            : throw new RunException($"readers of {run.Plan.Set} were moved by somebody else meanwhile; look at 'juoku run list' and decide again");
    }
}
