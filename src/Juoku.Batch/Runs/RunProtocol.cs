namespace Juoku.Batch.Runs;

/// <summary>
/// How a run ends, without any I/O: from what is in the stores follows the one next step. Every step is idempotent and may be taken by any
/// number of workers at once; one that stops between two steps leaves the rest to whoever looks next.
/// </summary>
public static class RunProtocol
{
    /// <summary>The next step.</summary>
    public static RunStep Next(RunFacts facts)
    {
        if (facts.OpenParts > 0) return facts.IsCancelled ? RunStep.Settle : RunStep.Wait;
        if (!facts.HasManifest) return RunStep.WriteManifest;
        if (facts.IsCancelled && facts.Passed is not true) return RunStep.Settle; // who cancels too late has nothing to cancel
        if (facts.Passed is not { } passed) return RunStep.Judge;
        if (!passed) return RunStep.Settle;
        if (!facts.HasSuccess) return RunStep.MarkSuccess;
        return facts.IsPointerDue ? RunStep.MovePointer : RunStep.Settle;
    }
}

/// <summary>What there is of a run.</summary>
/// <param name="OpenParts">Parts without a final receipt.</param>
/// <param name="IsCancelled">It was cancelled.</param>
/// <param name="HasManifest">Its manifest is there and tells of these receipts.</param>
/// <param name="Passed">The gate's verdict on that manifest; null when there is none yet.</param>
/// <param name="HasSuccess">It is marked as a success.</param>
/// <param name="IsPointerDue">Readers use an earlier run, and nobody has moved them on or back since.</param>
public sealed record RunFacts(int OpenParts, bool IsCancelled, bool HasManifest, bool? Passed, bool HasSuccess, bool IsPointerDue)
{
    /// <summary>Nothing is left to do but for a retry.</summary>
    public bool HasEnded => OpenParts == 0 || IsCancelled;

    /// <summary>How it ended, for people.</summary>
    public string Outcome => Passed is true ? "published" : IsCancelled ? "cancelled" : "complete, not published: see its gate.json";
}

/// <summary>A step towards the end of a run.</summary>
public enum RunStep
{
    /// <summary>Parts are still open.</summary>
    Wait,

    /// <summary>Put <c>_manifest.json</c>.</summary>
    WriteManifest,

    /// <summary>Hold it against the gate; put <c>gate.json</c>.</summary>
    Judge,

    /// <summary>Put <c>_SUCCESS</c>.</summary>
    MarkSuccess,

    /// <summary>Move <c>CURRENT</c>.</summary>
    MovePointer,

    /// <summary>Nothing is left to do: take the mark of an open run away.</summary>
    Settle,
}
