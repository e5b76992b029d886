using Juoku.Bench.Models;
using ParquetSharp;

namespace Juoku.Bench.Predict;

/// <summary>The file that <c>juoku bench predict</c> reads: forty float columns in zstd-compressed Parquet.</summary>
internal static class ClickParquet
{
    /// <summary>DuckDB's own size of a row group, which suits how it spreads a file over threads.</summary>
    private const int RowGroupRows = 122_880;

    private const ulong Seed = 271_828;

    /// <summary>Path of the file with that many rows; writes it first where the cache has none.</summary>
    public static string InCache(BenchmarkCache cache, int rows, IProgress<string> progress, CancellationToken cancel)
    {
        string madeFrom = $"parquet zstd rows={rows} group={RowGroupRows} seed={Seed} data={SyntheticClicks.Version}";
        return cache.File($"rows-{rows}", ".parquet", madeFrom, path => Write(path, rows, progress, cancel));
    }

    private static void Write(string path, int rows, IProgress<string> progress, CancellationToken cancel)
    {
        Column[] columns = [.. SyntheticClicks.FeatureNames.Select(name => new Column<float>(name))];
        using var properties = new WriterPropertiesBuilder().Compression(Compression.Zstd).Build();
        using var file = new ParquetFileWriter(path, columns, properties);
        for (int first = 0; first < rows; first += RowGroupRows)
        {
            cancel.ThrowIfCancellationRequested();
            progress.Report($"generating the Parquet file once: {first:N0} of {rows:N0} rows");
            float[][] values = SyntheticClicks.Columns(Math.Min(RowGroupRows, rows - first), Seed + (ulong)first, categories: false);
            using RowGroupWriter group = file.AppendRowGroup();
            foreach (float[] column in values)
            {
                using LogicalColumnWriter<float> writer = group.NextColumn().LogicalWriter<float>();
                writer.WriteBatch(column);
            }
        }

        file.Close();
    }
}
