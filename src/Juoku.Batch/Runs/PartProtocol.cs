using Juoku.Batch.Stores;

namespace Juoku.Batch.Runs;

/// <summary>
/// The commit protocol of a part, without any I/O. Messages arrive at least once, late, twice and in any order; any worker may stop between
/// any two steps. The rules that still make every part count once:
/// <list type="number">
/// <item>The receipt is the commit point. It is put where none is, or in place of the very one that was seen, so of all attempts at a part
/// one wins. A finished part stays finished.</item>
/// <item>An output has a fixed name and its bytes are a function of the plan: who loses has written what the winner wrote.</item>
/// <item>A message is completed only when its part has its receipt, or when nothing is to be done for it. Stopping before that brings the
/// message back; stopping after it loses nothing.</item>
/// <item>A final receipt changes only by being reopened, which starts a generation. Messages of earlier generations count for nothing.</item>
/// </list>
/// </summary>
public static class PartProtocol
{
    /// <summary>What to do with a message.</summary>
    /// <param name="generation">The generation that the message belongs to.</param>
    /// <param name="receives">How often it has been received, this time included.</param>
    /// <param name="maxReceives">How often it may be.</param>
    /// <param name="faults">How often the part failed for no fault of its own.</param>
    /// <param name="maxFaults">How often it may.</param>
    /// <param name="receipt">The part's receipt; null when there is none.</param>
    /// <param name="isCancelled">Whether the run is cancelled.</param>
    public static PartAction OnMessage(int generation, int receives, int maxReceives, int faults, int maxFaults, PartReceipt? receipt, bool isCancelled)
    {
        if (receipt is { IsFinal: true }) return PartAction.Complete;
        if (isCancelled || generation < GenerationOf(receipt)) return PartAction.Complete;
        return receives > maxReceives || faults >= maxFaults ? PartAction.Bury : PartAction.Work;
    }

    /// <summary>The receipt to put for an outcome; null when the one that is there stays.</summary>
    /// <param name="outcome">What an attempt came to.</param>
    /// <param name="generation">The generation of the attempt's message.</param>
    /// <param name="current">The receipt that is there now.</param>
    public static PartReceipt? Commit(PartReceipt outcome, int generation, PartReceipt? current)
    {
        if (current?.State == PartState.Finished) return null;
        int open = GenerationOf(current);

        // Success is success however late: the output's bytes are the same in every generation. A failure counts only where it was asked for.
        bool counts = outcome.State == PartState.Finished || current is not { IsFinal: true } && generation >= open;
        return counts ? outcome with { Generation = open } : null;
    }

    /// <summary>The condition under which a receipt may be put by who has seen <paramref name="seen"/>.</summary>
    public static PutCondition CommitCondition(StoredReceipt? seen) => seen is null ? PutCondition.IfAbsent : PutCondition.IfMatch(seen.ETag);

    /// <summary>The generation that is to be worked on.</summary>
    public static int GenerationOf(PartReceipt? receipt) => receipt?.Generation ?? 0;

    /// <summary>The receipt that opens a part again; null when it is open already or finished well.</summary>
    public static PartReceipt? Reopen(PartReceipt receipt, DateTimeOffset now) => receipt.State is PartState.Rejected or PartState.Dead
        ? new PartReceipt { Part = receipt.Part, State = PartState.Reopened, Generation = receipt.Generation + 1, Fault = receipt.Fault, Time = now }
        : null;
}

/// <summary>What to do with a message about a part.</summary>
public enum PartAction
{
    /// <summary>Predict the part and put its receipt.</summary>
    Work,

    /// <summary>Nothing is to be done: complete the message.</summary>
    Complete,

    /// <summary>Put a receipt that the part is dead, then move the message to the dead-letter queue.</summary>
    Bury,
}

/// <summary>A receipt, and the version it is.</summary>
/// <param name="Receipt">The receipt.</param>
/// <param name="ETag">The version.</param>
public sealed record StoredReceipt(PartReceipt Receipt, string ETag);
