namespace Juoku.Batch.Runs;

/// <summary>Where the objects of a run lie. Readers ignore names that begin with an underscore.</summary>
public static class RunKeys
{
    /// <summary>Prefix of all runs.</summary>
    public const string Runs = "runs/";

    /// <summary>Prefix of the marks of runs that are not settled yet: a worker with nothing to do looks there for something to finish.</summary>
    public const string Open = "runs/_open/";

    /// <summary>What was asked.</summary>
    public static string Plan(string run) => $"runs/{run}/run.json";

    /// <summary>Prefix of the receipts.</summary>
    public static string Receipts(string run) => $"runs/{run}/parts/";

    /// <summary>Receipt of a part.</summary>
    public static string Receipt(string run, int part) => $"runs/{run}/parts/{part:D5}.json";

    /// <summary>Exists once a run is cancelled.</summary>
    public static string Cancelled(string run) => $"runs/{run}/cancelled.json";

    /// <summary>Exists once all messages of a run have been sent.</summary>
    public static string Sent(string run) => $"runs/{run}/sent";

    /// <summary>The gate's verdict.</summary>
    public static string Gate(string run) => $"runs/{run}/gate.json";

    /// <summary>Exists while a run is not settled.</summary>
    public static string OpenMark(string run) => $"runs/_open/{run}";

    /// <summary>Exists once a run was seen to be open after its deadline.</summary>
    public static string Overdue(string run) => $"runs/{run}/overdue.json";

    /// <summary>Exists once a standing run was started for a day.</summary>
    /// <param name="set">The set.</param>
    /// <param name="below">The day's folder below the watched one: empty, or ends with a slash.</param>
    public static string StartedDay(string set, string below) => $"runs/_days/{set}/{below}started.json";

    /// <summary>Counts and checksums of a run's output, within its folder.</summary>
    public const string Manifest = "_manifest.json";

    /// <summary>Exists once a run has passed its gate, within its folder.</summary>
    public const string Success = "_SUCCESS";

    /// <summary>Folder of the rows set aside, within the run's.</summary>
    public const string Rejects = "_rejects/";

    /// <summary>Names the run that readers use, within the set's folder.</summary>
    public const string Current = "CURRENT";

    /// <summary>The number in a receipt's key; null for other objects.</summary>
    public static int? PartOf(string receiptKey)
    {
        ReadOnlySpan<char> name = Path.GetFileNameWithoutExtension(receiptKey.AsSpan());
        return receiptKey.EndsWith(".json", StringComparison.Ordinal) && int.TryParse(name, out int part) ? part : null;
    }

    /// <summary>Whether a text can be the name of a run: what comes from a message or a flag becomes part of a key.</summary>
    public static bool IsRunName(string text) =>
        text.Length is > 0 and <= 100 && text[0] is not ('.' or '_') && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
