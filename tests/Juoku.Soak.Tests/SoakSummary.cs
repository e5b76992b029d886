using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Juoku.Soak.Tests;

/// <summary>What a soak did and found.</summary>
internal sealed record SoakSummary
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new TallyConverter() },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public required int Seed { get; init; }

    public double Minutes { get; set; }

    public Tally Runs { get; } = new();

    public int Parts { get; set; }

    public int RejectedParts { get; set; }

    public long Rows { get; set; }

    public long RejectedRows { get; set; }

    public int Workers { get; set; }

    public Tally Strikes { get; } = new();

    public Tally Faults { get; } = new();

    public Tally Disturbances { get; } = new();

    public Tally Messages { get; } = new();

    public int Retries { get; set; }

    public int RevivedParts { get; set; }

    public List<string> Skipped { get; } = [];

    public List<string> Violations { get; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The summary as a table, as docs/reliability.md shows it.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("| | |\n|---|---|\n");
        void Row(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"| {name} | {value} |\n");
        Row("time, seed", string.Create(CultureInfo.InvariantCulture, $"{Minutes:0.0} min, {Seed}"));
        Row("runs", Runs.ToString());
        Row("parts", string.Create(CultureInfo.InvariantCulture, $"{Parts:N0}, of which {RejectedParts:N0} bad and rejected with a reason"));
        Row("rows", string.Create(CultureInfo.InvariantCulture, $"{Rows:N0} predicted, {RejectedRows:N0} set aside"));
        Row("worker processes", string.Create(CultureInfo.InvariantCulture, $"{Workers:N0} started; {Strikes}"));
        Row("faults injected into calls", string.Create(CultureInfo.InvariantCulture, $"{Faults.Sum:N0}: {Faults}"));
        Row("disturbances", Disturbances.ToString());
        Row("messages", Messages.ToString());
        Row("further attempts at a part", Retries.ToString("N0", CultureInfo.InvariantCulture));
        Row("parts given up and retried", RevivedParts.ToString("N0", CultureInfo.InvariantCulture));
        if (Skipped.Count > 0) Row("left out", string.Join("; ", Skipped));
        Row("**lost, double, wrong or left behind**", $"**{Violations.Count}**");
        return text.ToString();
    }

    /// <summary>The same for a terminal.</summary>
    public string ToText() => string.Concat(ToMarkdown().Split('\n').Skip(2).Where(line => line.Length > 0)
        .Select(line => line.Replace("**", "", StringComparison.Ordinal).Trim('|').Split('|'))
        .Select(cells => $"{cells[0].Trim(),-38} {cells[1].Trim()}\n")) + string.Concat(Violations.Take(20).Select(wrong => $"  {wrong}\n"));

    private sealed class TallyConverter : JsonConverter<Tally>
    {
        public override Tally Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Tally value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value.Counts, options);
    }
}
