using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Juoku.Batch.Runs;

/// <summary>
/// Counts and checksums of a run's output: <c>_manifest.json</c> beside it. A function of plan and receipts, so that all who write it write
/// the same.
/// </summary>
public sealed record RunManifest
{
    /// <summary>The run.</summary>
    public required string Run { get; init; }

    /// <summary>The set.</summary>
    public required string Set { get; init; }

    /// <summary>The day.</summary>
    public string? Day { get; init; }

    /// <summary>What people call the model.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of the model text.</summary>
    public required string ModelDigest { get; init; }

    /// <summary>Parts in all.</summary>
    public required int Parts { get; init; }

    /// <summary>Parts without output: rejected or dead.</summary>
    public required int RejectedParts { get; init; }

    /// <summary>Rows predicted.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows set aside as bad, of the parts that have output.</summary>
    public required long RejectedRows { get; init; }

    /// <summary>Rows predicted whose keys are all there; 0 when the run has no keys.</summary>
    public long KeyedRows { get; init; }

    /// <summary>Bytes of all output files.</summary>
    public required long Bytes { get; init; }

    /// <summary>How the scores are distributed.</summary>
    public required ScoreSummary Scores { get; init; }

    /// <summary>When the last receipt was written.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>SHA-256 over all receipts: says which generation of parts this manifest tells of.</summary>
    public required string ReceiptsDigest { get; init; }

    /// <summary>The output files, in order.</summary>
    public required ImmutableArray<ManifestFile> Files { get; init; }

    /// <summary>The parts without output, and why.</summary>
    public ImmutableArray<ManifestFault> Faults { get; init; } = [];

    /// <summary>Adds up the receipts of a run.</summary>
    /// <param name="plan">The run.</param>
    /// <param name="receipts">A final receipt for each of its parts.</param>
    public static RunManifest Of(RunPlan plan, IEnumerable<PartReceipt> receipts)
    {
        PartReceipt[] all = [.. receipts.OrderBy(receipt => receipt.Part)];
        PartReceipt[] finished = [.. all.Where(receipt => receipt.State == PartState.Finished)];
        return new RunManifest
        {
            Run = plan.Run,
            Set = plan.Set,
            Day = plan.Day,
            Model = plan.Model.Name,
            ModelDigest = plan.Model.Digest,
            Parts = all.Length,
            RejectedParts = all.Length - finished.Length,
            Rows = finished.Sum(receipt => receipt.Output!.Rows),
            RejectedRows = finished.Sum(receipt => receipt.Output!.RejectedRows),
            KeyedRows = finished.Sum(receipt => receipt.Output!.KeyedRows),
            Bytes = finished.Sum(receipt => receipt.Output!.Length),
            Scores = ScoreSummary.Total(finished.Select(receipt => receipt.Output!.Scores)),
            Finished = all.Select(receipt => receipt.Time).DefaultIfEmpty(plan.Created).Max(),
            ReceiptsDigest = DigestOf(all),
            Files = [.. finished.Select(receipt => receipt.Output!).Select(output => new ManifestFile(output.Name, output.Rows, output.RejectedRows, output.Length, output.Sha256))],
            Faults = [.. all.Where(receipt => receipt.State != PartState.Finished)
                .Select(receipt => new ManifestFault(receipt.Part, receipt.State, receipt.Fault?.File ?? "", receipt.Fault?.Reason ?? ""))],
        };
    }

    private static string DigestOf(PartReceipt[] receipts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (PartReceipt receipt in receipts)
            hash.AppendData(Encoding.UTF8.GetBytes($"{receipt.Part} {receipt.Generation} {receipt.State} {receipt.Output?.Sha256}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>An output file of a run.</summary>
/// <param name="Name">Name within the run's output folder.</param>
/// <param name="Rows">Rows predicted.</param>
/// <param name="RejectedRows">Rows of its input that were set aside.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Digest of the bytes, in hexadecimal.</param>
public sealed record ManifestFile(string Name, long Rows, long RejectedRows, long Length, string Sha256);

/// <summary>A part without output.</summary>
/// <param name="Part">Its number.</param>
/// <param name="State">Rejected or dead.</param>
/// <param name="File">Its input.</param>
/// <param name="Reason">Why, in one line.</param>
public sealed record ManifestFault(int Part, PartState State, string File, string Reason);
