using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using DuckDB.NET.Data;
using Juoku.Bench.Models;

namespace Juoku.Bench.Predict;

/// <summary>What DuckDB did, as its process prints it.</summary>
/// <param name="Seconds">Time of the query alone, in a process that had done nothing before.</param>
/// <param name="Rows">Rows it read.</param>
/// <param name="Threads">Threads it was given.</param>
public sealed record DuckDbReadResult(double Seconds, long Rows, int Threads)
{
    /// <summary>The result as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DuckDbJson.Default.DuckDbReadResult);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static DuckDbReadResult FromJson(string json) =>
        JsonSerializer.Deserialize(json, DuckDbJson.Default.DuckDbReadResult) ?? throw new JsonException("DuckDB's process printed no result.");
}

/// <summary>Reads and sums the feature columns of a Parquet file with DuckDB: the least that any program which uses all the columns must do.</summary>
public static class DuckDbRead
{
    /// <summary>Runs the query on one file.</summary>
    /// <param name="path">Parquet file with the columns of the benchmark.</param>
    /// <param name="threads">Threads that DuckDB may use.</param>
    public static DuckDbReadResult Run(string path, int threads)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"SET threads = {threads}");
        command.ExecuteNonQuery();

        string sums = string.Join(", ", SyntheticClicks.FeatureNames.Select(name => $"sum({name})"));
        command.CommandText = $"SELECT count(*), {sums} FROM read_parquet('{path.Replace("'", "''", StringComparison.Ordinal)}')";
        long start = Stopwatch.GetTimestamp();
        using DuckDBDataReader reader = command.ExecuteReader();
        if (!reader.Read()) throw new InvalidDataException($"{path}: DuckDB returned no sums.");
        long rows = reader.GetInt64(0);
        for (int f = 0; f < SyntheticClicks.FeatureCount; f++) reader.GetDouble(f + 1);
        return new DuckDbReadResult(Stopwatch.GetElapsedTime(start).TotalSeconds, rows, threads);
    }

    /// <summary>DuckDB's version.</summary>
    public static string Version
    {
        get
        {
            using var connection = new DuckDBConnection("DataSource=:memory:");
            connection.Open();
            return connection.ServerVersion;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DuckDbReadResult))]
internal sealed partial class DuckDbJson : JsonSerializerContext;
