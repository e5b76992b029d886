using Juoku.Batch.Queues;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>What came of a submission.</summary>
/// <param name="Run">The run.</param>
/// <param name="IsNew">Whether it had not been submitted before.</param>
/// <param name="Sent">How many messages were sent.</param>
public sealed record Submitted(RunRecords Run, bool IsNew, int Sent);

/// <summary>
/// Puts runs in a store and their messages on a queue. The order is mark, <c>run.json</c>, messages, note that they were sent: whoever was
/// stopped in between submits again and goes on where it ended. A message too many does no harm, a missing one would.
/// </summary>
/// <param name="store">The store that holds the runs.</param>
/// <param name="pool">Opens the stores of input and output.</param>
/// <param name="queue">Gets the messages.</param>
public sealed class RunSubmission(IStore store, StorePool pool, IQueue queue)
{
    private const int MessagesAtOnce = 1000;

    /// <summary>Submits a plan. What was submitted before is not started twice.</summary>
    /// <exception cref="RunException">The run was cancelled.</exception>
    public async Task<Submitted> SubmitAsync(RunPlan plan, CancellationToken cancellation)
    {
        RunRecords? existing = await RunRecords.FindAsync(plan.Run, store, pool, cancellation).ConfigureAwait(false);
        if (existing is null)
        {
            await MarkOpenAsync(plan.Run, cancellation).ConfigureAwait(false);
            bool isNew = await store.PutAsync(RunKeys.Plan(plan.Run), RunJson.Write(plan, RunJson.Default.RunPlan), PutCondition.IfAbsent, cancellation).ConfigureAwait(false) is not null;
            RunRecords run = isNew ? RunRecords.Of(plan, store, pool) : await RunRecords.OpenAsync(plan.Run, store, pool, cancellation).ConfigureAwait(false);
            return new Submitted(run, isNew, await SendOnceAsync(run, cancellation).ConfigureAwait(false));
        }

        if (await existing.FindCancelAsync(cancellation).ConfigureAwait(false) is { } cancel)
            throw new RunException($"run {plan.Run} was cancelled at {cancel.Time:u}; 'juoku run retry {plan.Run}' takes it up again");
        return new Submitted(existing, IsNew: false, await SendOnceAsync(existing, cancellation).ConfigureAwait(false));
    }

    /// <summary>Marks a run as one that has something left to do.</summary>
    public Task MarkOpenAsync(string run, CancellationToken cancellation) => store.PutAsync(RunKeys.OpenMark(run), default, PutCondition.IfAbsent, cancellation);

    /// <summary>Sends a message for each of a run's parts.</summary>
    /// <param name="run">The run.</param>
    /// <param name="parts">The parts, each with its generation.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task<int> SendAsync(RunRecords run, IEnumerable<(int Part, int Generation)> parts, CancellationToken cancellation)
    {
        int sent = 0;
        string url = StoreLocation.AbsoluteUrl(store.Url);
        foreach ((int Part, int Generation)[] some in parts.Chunk(MessagesAtOnce))
        {
            await queue.SendAsync([.. some.Select(part => new PartMessage(run.Plan.Run, part.Part, url, part.Generation).Body())], cancellation).ConfigureAwait(false);
            sent += some.Length;
        }

        return sent;
    }

    /// <summary>The parts of a run that have no final receipt, each with the generation to work on.</summary>
    public static async Task<IReadOnlyList<(int Part, int Generation)>> OpenPartsAsync(RunRecords run, CancellationToken cancellation)
    {
        var ledger = new ReceiptLedger(run);
        await ledger.RefreshAsync(cancellation).ConfigureAwait(false);
        return
        [
            .. Enumerable.Range(0, run.Parts.Count)
                .Select(part => (part, receipt: ledger.Receipts.GetValueOrDefault(part)?.Receipt))
                .Where(part => part.receipt is not { IsFinal: true })
                .Select(part => (part.part, PartProtocol.GenerationOf(part.receipt))),
        ];
    }

    private async Task<int> SendOnceAsync(RunRecords run, CancellationToken cancellation)
    {
        string note = RunKeys.Sent(run.Plan.Run);
        if (await store.FindAsync(note, cancellation).ConfigureAwait(false) is not null) return 0;
        int sent = await SendAsync(run, await OpenPartsAsync(run, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        await store.PutAsync(note, default, PutCondition.None, cancellation).ConfigureAwait(false);
        return sent;
    }
}
