using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Juoku.Batch.Predicting;
using Juoku.Batch.Tables.Writing;
using Juoku.Learning.LightGbm;
using ParquetSharp;
using ParquetSharp.IO;

namespace Juoku.Learning.Sampling;

/// <summary>What sample to make, and where.</summary>
public sealed record SampleOptions
{
    /// <summary>Folder for the files; made where it does not exist.</summary>
    public required string Folder { get; init; }

    /// <summary>Rows of <c>impressions</c>, and of <c>train.csv</c>.</summary>
    public int Rows { get; init; } = 50_000;

    /// <summary>Same seed, same bytes.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Refuses options that make no sense.</summary>
    /// <exception cref="UsageException">They do not.</exception>
    public void Validate()
    {
        if (Rows < ClickSample.FewestRows)
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--rows {Rows}: too few to train a model on; ask for {ClickSample.FewestRows} or more"));
        if (string.IsNullOrWhiteSpace(Folder)) throw new UsageException("--output names no folder");
    }
}

/// <summary>The sample's files.</summary>
/// <param name="Model">LightGBM text model.</param>
/// <param name="Categories">Values of its categorical features, in code order.</param>
/// <param name="Training">Rows it was trained on.</param>
/// <param name="Csv">Other rows, to predict.</param>
/// <param name="Parquet">The same rows in Parquet.</param>
public sealed record SampleFiles(string Model, string Categories, string Training, string Csv, string Parquet)
{
    /// <summary>All of them.</summary>
    [JsonIgnore]
    public ImmutableArray<string> All => [Training, Csv, Parquet, Model, Categories];
}

/// <summary>
/// Makes something to try Juoku on: generated impressions and a small click model trained on others of their kind. Each file appears
/// whole or not at all; the same options give the same bytes.
/// </summary>
public static class ClickSample
{
    internal const int FewestRows = 1_000;

    private const int Trees = 80;

    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Parameters Training = new()
    {
        ["objective"] = "binary",
        ["num_leaves"] = 15,
        ["learning_rate"] = 0.08,
        ["min_data_in_leaf"] = 300,
        ["cat_smooth"] = 50,
        ["deterministic"] = true,
        ["force_row_wise"] = true,
        // One thread: the order of sums, and so the last bits of the model, must not depend on the machine.
        ["num_threads"] = 1,
    };

    /// <summary>Makes the sample.</summary>
    /// <param name="options">What and where.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancel">Stops between steps.</param>
    /// <exception cref="UsageException">The options make no sense.</exception>
    /// <exception cref="OutputException">A file cannot be written.</exception>
    /// <exception cref="LightGbmUnavailableException">LightGBM's native library cannot be used here.</exception>
    public static SampleFiles Write(SampleOptions options, IProgress<string>? progress = null, CancellationToken cancel = default)
    {
        options.Validate();
        string Named(string name) => Path.Combine(options.Folder, name);
        var files = new SampleFiles(Named("model.txt"), Named("model.categories.json"), Named("train.csv"), Named("impressions.csv"), Named("impressions.parquet"));
        MakeFolder(options.Folder);

        progress?.Report("generating impressions");
        Impressions train = Impressions.Generate(options.Rows, options.Seed, part: 0);
        Impressions impressions = Impressions.Generate(options.Rows, options.Seed, part: 1);
        cancel.ThrowIfCancellationRequested();

        WriteWhole(files.Training, stream => WriteCsv(stream, train));
        WriteWhole(files.Csv, stream => WriteCsv(stream, impressions));
        WriteWhole(files.Parquet, stream => WriteParquet(stream, impressions));
        cancel.ThrowIfCancellationRequested();

        progress?.Report("training the model");
        string model = Train(train, cancel);
        WriteWhole(files.Model, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(model)));
        WriteWhole(files.Categories, stream => WriteCategories(stream, train));
        return files;
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(folder, $"cannot be made ({e.Message}); choose another place", e);
        }
    }

    private static void WriteWhole(string path, Action<Stream> write)
    {
        using var file = new WholeFile(path);
        try
        {
            write(file.Stream);
            file.Commit();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ParquetException)
        {
            throw new OutputException(path, $"cannot be written ({e.Message}); choose another place", e);
        }
    }

    private static void WriteCsv(Stream stream, Impressions impressions)
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        ImmutableArray<SampleColumn> columns = impressions.Columns;
        writer.WriteLine(string.Join(',', columns.Select(column => column.Name)));
        for (int row = 0; row < impressions.Count; row++)
        {
            for (int c = 0; c < columns.Length; c++)
            {
                if (c > 0) writer.Write(',');
                writer.Write(columns[c].Text(row));
            }

            writer.WriteLine();
        }
    }

    private static void WriteParquet(Stream stream, Impressions impressions)
    {
        ImmutableArray<SampleColumn> columns = impressions.Columns;
        using WriterProperties properties = new WriterPropertiesBuilder().Compression(Compression.Zstd).Build();
        using var output = new ManagedOutputStream(stream, leaveOpen: true);
        using var writer = new ParquetFileWriter(output, [.. columns.Select(column => column.ParquetColumn)], properties);
        using RowGroupWriter group = writer.AppendRowGroup();
        foreach (SampleColumn column in columns)
        {
            using ColumnWriter columnWriter = group.NextColumn();
            column.Write(columnWriter);
        }

        writer.Close();
    }

    private static string Train(Impressions train, CancellationToken cancel)
    {
        ImmutableArray<SampleColumn> features = train.Features;
        var rows = new double[train.Count * features.Length];
        for (int row = 0; row < train.Count; row++)
            for (int f = 0; f < features.Length; f++) rows[row * features.Length + f] = features[f].Number(row);

        using Dataset data = Dataset.Create<double>(rows, features.Length, [.. train.Clicked.Values.Select(clicked => (float)clicked)], new DatasetOptions
        {
            FeatureNames = [.. features.Select(feature => feature.Name)],
            CategoricalFeatures = [.. Enumerable.Range(0, features.Length).Where(f => features[f] is CategoryColumn)],
            Parameters = Training,
        });
        using Booster booster = Booster.Train(data, Training, Trees, cancel: cancel);
        return booster.ToModelText();
    }

    private static void WriteCategories(Stream stream, Impressions impressions)
    {
        using var json = new Utf8JsonWriter(stream, Readable);
        json.WriteStartObject();
        foreach (CategoryColumn column in impressions.Features.OfType<CategoryColumn>())
        {
            json.WriteStartArray(column.Name);
            foreach (string value in column.Values) json.WriteStringValue(value);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
