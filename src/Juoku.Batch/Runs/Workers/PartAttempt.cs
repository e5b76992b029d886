using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Queues;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Juoku.Forest;
using Microsoft.Extensions.Logging;

namespace Juoku.Batch.Runs.Workers;

/// <summary>Predicts a part: reads it, scores it, writes its output under its fixed name.</summary>
/// <returns>The output.</returns>
/// <exception cref="TableException">The part is bad, or does not fit the model.</exception>
/// <exception cref="ObjectChangedException">The part's file is gone, or another version.</exception>
public delegate Task<PartOutput> PartScoring(RunRecords run, RunPart part, CancellationToken cancellation);

/// <summary>
/// A worker's way through one part: is there anything to do? → score → receipt → is the run complete? The message is completed by the caller
/// after all of it, so that whoever is stopped on the way is followed by another. What each step may do is decided by <see cref="PartProtocol"/>.
/// </summary>
internal sealed class PartAttempt(RunRecords run, RunPart part, PartMessage message, QueueMessage delivery, WorkerOptions options, TimeProvider time, ILogger log)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>Scores the part and puts its receipt.</summary>
    /// <returns>The receipt; null when another attempt had put one.</returns>
    public async Task<PartReceipt?> RunAsync(PartScoring score, CancellationToken cancellation)
    {
        PartReceipt receipt;
        try
        {
            PartOutput output = await score(run, part, cancellation).ConfigureAwait(false);
            receipt = NewReceipt(PartState.Finished) with { Output = output };
            log.LogInformation("{Rows} rows, {RejectedRows} set aside, {Seconds:F3} s", output.Rows, output.RejectedRows, receipt.Seconds);
        }
        catch (TableException e)
        {
            receipt = NewReceipt(PartState.Rejected) with { Fault = FaultOf(e) };
        }
        catch (ObjectChangedException e)
        {
            string found = e.FoundETag is null ? "it is gone" : $"it has ETag {e.FoundETag}";
            receipt = NewReceipt(PartState.Rejected) with { Fault = new PartFault(part.Input.Key, $"changed since the run was submitted: it had ETag {part.Input.ETag}, now {found}; submit a new run") };
        }
        catch (Exception e) when (e is ModelFilesException or ModelFormatException or NotFoundException)
        {
            receipt = NewReceipt(PartState.Rejected) with { Fault = new PartFault(part.Input.Key, $"the model cannot be used: {e.Message}") };
        }

        if (receipt.Fault is { } fault) log.LogWarning("rejected: {Reason}", fault.Reason);
        return await CommitAsync(receipt, cancellation).ConfigureAwait(false);
    }

    /// <summary>Puts a receipt that the part is dead.</summary>
    public Task<PartReceipt?> BuryAsync(string reason, CancellationToken cancellation) =>
        CommitAsync(NewReceipt(PartState.Dead) with { Fault = new PartFault(part.Input.Key, reason) }, cancellation);

    private async Task<PartReceipt?> CommitAsync(PartReceipt outcome, CancellationToken cancellation)
    {
        while (true)
        {
            StoredReceipt? current = await run.FindReceiptAsync(part.Number, cancellation).ConfigureAwait(false);

            // A put that was retried below us may have succeeded without our hearing of it.
            if (current is not null && current.Receipt.Worker == outcome.Worker && current.Receipt.Time == outcome.Time) return current.Receipt;
            if (PartProtocol.Commit(outcome, message.Generation, current?.Receipt) is not { } receipt)
            {
                log.LogInformation("another attempt was quicker; its receipt counts");
                return null;
            }

            if (await run.PutReceiptAsync(receipt, PartProtocol.CommitCondition(current), cancellation).ConfigureAwait(false)) return receipt;
        }
    }

    private PartReceipt NewReceipt(PartState state) => new()
    {
        Part = part.Number,
        State = state,
        Attempt = delivery.Receives,
        Worker = options.Name,
        Time = time.GetUtcNow(),
        Seconds = time.GetElapsedTime(_start).TotalSeconds,
    };

    private PartFault FaultOf(TableException e) => new(part.Input.Key, e.Message, e.RowGroup, e.Column, e.Row);
}
