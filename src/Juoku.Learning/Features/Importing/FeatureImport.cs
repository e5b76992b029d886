using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Learning.Features.Building;

namespace Juoku.Learning.Features.Importing;

/// <summary>What file to import as which feature set.</summary>
public sealed record FeatureImportOptions
{
    /// <summary><c>criteo</c> or <c>avazu</c>.</summary>
    public required string Format { get; init; }

    /// <summary>The file; also .gz and .zst.</summary>
    public required string File { get; init; }

    /// <summary>Name of the set.</summary>
    public required string Set { get; init; }

    /// <summary>The day that the file is of, where its lines do not say.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>Share of the lines that may be malformed.</summary>
    public double RejectLimit { get; init; } = 0.01;

    /// <summary>Memory that DuckDB may use, in bytes.</summary>
    public long MemoryBytes { get; init; } = 2L << 30;

    /// <summary>Threads that DuckDB may use.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Folder for what does not fit the memory; null for the system's temporary folder.</summary>
    public string? Scratch { get; init; }
}

/// <summary>Makes a feature set of a public data set's file.</summary>
public static class FeatureImport
{
    private const int RowsPerFile = 1_000_000;

    private static readonly PublicFormat[] Formats = [PublicFormat.Criteo, PublicFormat.Avazu];

    /// <summary>Names of the formats.</summary>
    public static IEnumerable<string> FormatNames => Formats.Select(format => format.Name);

    /// <summary>Imports a file.</summary>
    /// <exception cref="UsageException">The options make no sense.</exception>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="FeatureException">Too many lines are not of the format.</exception>
    public static async Task<FeatureSummary> RunAsync(IStore store, FeatureImportOptions options, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        PublicFormat format = Formats.FirstOrDefault(format => format.Name == options.Format) ?? throw new UsageException($"'{options.Format}': no such format; there are {string.Join(" and ", FormatNames)}");
        FeatureOptions.RequireName(options.Set);
        if (!format.HasDays && options.Day is null) throw new UsageException($"{format.Name}: its lines do not say which day they are of; name it with --day");
        if (format.HasDays && options.Day is not null) throw new UsageException($"{format.Name}: its lines say which day they are of; leave --day out");
        if (!File.Exists(options.File)) throw new NotFoundException($"{options.File}: no such file");

        using ScratchFolder scratch = ScratchFolder.Create(options.Scratch ?? Path.GetTempPath());
        using var database = new Database(scratch, options.MemoryBytes, options.Threads, cancellation);
        progress?.Report($"{options.Set}: reading {options.File}");
        string sql = format.Read(options.File, await HasHeaderAsync(options.File, format, cancellation).ConfigureAwait(false));
        database.Execute($"CREATE TABLE lines AS {sql}", options.File);
        database.Execute($"CREATE VIEW imported AS {(format.HasDays ? format.Query : $"SELECT *, {Database.Date(options.Day!.Value)} AS dt FROM ({format.Query})")}");
        List<(string Day, long Rows)> days = database.Counts("SELECT dt::VARCHAR, count(*) FROM imported GROUP BY dt ORDER BY dt");
        (ImmutableSortedDictionary<string, long> rejects, long read) = await SetAsideAsync(store, options, database, scratch, days.Count == 0 ? options.Day : Parse(days[0].Day), cancellation).ConfigureAwait(false);

        SourceFile source = await DescribeAsync(options.File, cancellation).ConfigureAwait(false);
        var writer = new FeatureDayWriter(database, store, scratch);
        var built = ImmutableArray.CreateBuilder<FeatureDaySummary>();
        foreach ((string name, long rows) in days)
        {
            long began = Stopwatch.GetTimestamp();
            progress?.Report($"{options.Set}: writing {name}");
            database.Execute($"CREATE OR REPLACE VIEW of_day AS SELECT * EXCLUDE (dt) FROM imported WHERE dt = DATE {Database.Quote(name)}");
            FeatureManifest manifest = await writer.WriteAsync("of_day", options.File, new FeatureManifest
            {
                Set = options.Set,
                Day = Parse(name),
                Columns = format.Columns,
                Files = [],
                Rows = 0,
                // Lines that cannot be read have no day; they are counted with the first.
                Rejects = built.Count == 0 ? rejects : ImmutableSortedDictionary<string, long>.Empty,
                DefinitionDigest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(format.Query))),
                Sources = [source],
            }, RowsPerFile, cancellation).ConfigureAwait(false);
            built.Add(new FeatureDaySummary(manifest, built.Count == 0 ? read - days.Skip(1).Sum(day => day.Rows) : rows, ClicksMissing: false, Stopwatch.GetElapsedTime(began).TotalSeconds));
        }

        return new FeatureSummary(options.Set, built.ToImmutable(), Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Keeps the lines that DuckDB could not read, with what it said of them.</summary>
    private static async Task<(ImmutableSortedDictionary<string, long> Rejects, long Lines)> SetAsideAsync(
        IStore store, FeatureImportOptions options, Database database, ScratchFolder scratch, DateOnly? day, CancellationToken cancellation)
    {
        // A line can be wrong in several fields; the first is its reason.
        database.Execute("CREATE TABLE rejected AS SELECT line, lower(replace(error_type::VARCHAR, '_', ' ')) AS reject_reason, error_message, csv_line FROM reject_errors QUALIFY row_number() OVER (PARTITION BY line ORDER BY column_idx, error_message) = 1");
        var rejects = database.Counts("SELECT reject_reason, count(*) FROM rejected GROUP BY ALL").ToImmutableSortedDictionary(pair => pair.Text, pair => pair.Number);
        long rejected = rejects.Values.Sum(), lines = rejected + database.Number("SELECT count(*) FROM lines");
        if (lines == 0) throw new FeatureException($"{options.File}: holds no lines");
        string key = $"rejects/{options.Set}/{(day is { } known ? FeatureDays.Named(known) + "/" : "")}import.parquet";
        if (rejected == 0)
        {
            await store.DeleteAsync(key, cancellation).ConfigureAwait(false);
            return (rejects, lines);
        }

        string path = scratch["rejects.parquet"];
        database.Execute($"COPY (SELECT * FROM rejected ORDER BY line) TO {Database.Quote(path)} (FORMAT parquet, COMPRESSION zstd)");
        await StoredFile.MoveAsync(path, store, key, cancellation).ConfigureAwait(false);
        if (rejected <= options.RejectLimit * lines) return (rejects, lines);
        string reasons = string.Join(", ", rejects.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:N0}")));
        throw new FeatureException(string.Create(CultureInfo.InvariantCulture,
            $"{options.File}: {rejected:N0} of {lines:N0} lines are not of the {options.Format} format ({reasons}), more than --reject-limit {options.RejectLimit:0.####} allows; they are in {key}"));
    }

    private static async Task<bool> HasHeaderAsync(string file, PublicFormat format, CancellationToken cancellation)
    {
        await using FileStream stream = File.OpenRead(file);
        await using Stream text = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress)
            : file.EndsWith(".zst", StringComparison.Ordinal) ? new ZstdSharp.DecompressionStream(stream) : stream;
        var start = new byte[64];
        int read = await text.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return Encoding.UTF8.GetString(start, 0, read).StartsWith(format.FirstName, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<SourceFile> DescribeAsync(string file, CancellationToken cancellation)
    {
        await using FileStream stream = File.OpenRead(file);
        byte[] digest = await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false);
        return new SourceFile(Path.GetFileName(file), stream.Length, "sha256:" + Convert.ToHexStringLower(digest));
    }

    private static DateOnly Parse(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
