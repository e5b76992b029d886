using System.Globalization;
using Juoku.Batch.Models;
using Juoku.Bench.Models;
using Juoku.Bench.Predict;

namespace Juoku.Bench.Run;

/// <summary>A model and the parts of a run's input, in a temporary folder of their own that goes with this.</summary>
internal sealed class RunFiles : IDisposable
{
    /// <summary>The model's name among the benchmark's models.</summary>
    public const string Model = "200x63";

    /// <summary>Rows of a part.</summary>
    public const int RowsPerPart = 1_000_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("juoku-bench-");

    /// <summary>Makes what the cache lacks, then copies it.</summary>
    public RunFiles(BenchmarkOptions options, IProgress<string> progress, CancellationToken cancel)
    {
        BenchmarkCache cache = options.OpenCache();
        string cached = cache.Model(BenchmarkModel.Named(Model), progress, cancel);
        string rows = ClickParquet.InCache(cache, RowsPerPart, progress, cancel);
        Parts = options.Quick ? 6 : 24;
        ModelPath = Path.Combine(_folder.CreateSubdirectory("model").FullName, PinnedModel.ModelFile);
        File.Copy(cached, ModelPath);
        Input = _folder.CreateSubdirectory("input").FullName;
        for (int i = 0; i < Parts; i++) File.Copy(rows, Path.Combine(Input, string.Create(CultureInfo.InvariantCulture, $"part-{i:D5}.parquet")));
    }

    /// <summary>How many parts there are.</summary>
    public int Parts { get; }

    /// <summary>Rows of all of them.</summary>
    public int Rows => Parts * RowsPerPart;

    /// <summary>The model's file.</summary>
    public string ModelPath { get; }

    /// <summary>The folder of the parts.</summary>
    public string Input { get; }

    /// <summary>The folder, for what else a benchmark needs.</summary>
    public string Folder => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
