using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;

namespace Juoku.Batch.Runs.Workers;

/// <summary>
/// The rows of a part that are set aside: <c>_rejects/part-00042.jsonl</c> beside the output, a line each with where it is and why. Who has
/// too many ends the part; how many that is, of how many rows, is known for sure only at its end.
/// </summary>
/// <param name="maxShare">Share of a part's rows that may be set aside.</param>
internal sealed class RejectFile(double maxShare)
{
    // Whatever the share allows: more lines than this are a file that is bad, not one with bad lines, and memory is not for them.
    private const int MostRows = 1_000_000;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly MemoryStream _lines = new();
    private RejectedRow? _first;
    private long _count;

    /// <summary>Sets a row aside.</summary>
    public void Add(RejectedRow row)
    {
        _first ??= row;
        _count++;
        if (maxShare == 0 || _count > MostRows) throw TooMany(row, $"at most {(maxShare == 0 ? 0 : MostRows)} bad rows are set aside");
        using (var json = new Utf8JsonWriter(_lines, Plain))
        {
            json.WriteStartObject();
            if (row.Line is { } line) json.WriteNumber("line", line);
            if (row.Row is { } number) json.WriteNumber("row", number);
            if (row.Column is { } column) json.WriteString("column", column);
            json.WriteString("reason", row.Reason);
            json.WriteEndObject();
        }

        _lines.WriteByte((byte)'\n');
    }

    /// <summary>Ends a part that has too many bad rows.</summary>
    /// <exception cref="TableException">It has.</exception>
    public void CheckShare(RunPart part, long rows)
    {
        if (_count > maxShare * (rows + _count))
            throw TooMany(_first!, string.Create(CultureInfo.InvariantCulture, $"{_count} of {rows + _count} rows are bad, and --max-reject-share allows {maxShare:0.######} of them"));
    }

    /// <summary>Puts the file; returns its name within the run's output folder, or null when no row was set aside.</summary>
    public async Task<string?> PutAsync(RunRecords run, RunPart part, CancellationToken cancellation)
    {
        if (_count == 0) return null;
        string name = $"{RunKeys.Rejects}{Path.ChangeExtension(part.OutputName, ".jsonl")}";
        await using ObjectWriter writer = await run.Output.CreateAsync(run.Plan.OutputFolder + name, cancellation).ConfigureAwait(false);
        _lines.Position = 0;
        await _lines.CopyToAsync(writer.Stream, cancellation).ConfigureAwait(false);
        await writer.CompleteAsync(cancellation).ConfigureAwait(false);
        return name;
    }

    private static TableException TooMany(RejectedRow first, string why)
    {
        string column = first.Column is null ? "" : $"column '{first.Column}': ";
        return first.Line is { } line
            ? new TableException(first.Input, line, $"{column}{first.Reason}; {why}") { Column = first.Column }
            : new TableException(first.Input, $"row {first.Row}: {column}{first.Reason}; {why}") { Column = first.Column, Row = first.Row };
    }
}
