using System.Security.Cryptography;
using System.Text;
using Juoku.Learning.LightGbm;

namespace Juoku.Bench.Models;

/// <summary>
/// Keeps what benchmarks make from seeds between runs. A file's name holds a digest of everything it was made from, so one made
/// by older code or from other parameters is never used; files appear whole or not at all.
/// </summary>
/// <param name="folder">Folder to keep files in.</param>
internal sealed class BenchmarkCache(string folder)
{
    /// <summary>
    /// <c>$JUOKU_CACHE/bench</c>, else <c>$XDG_CACHE_HOME/juoku/bench</c>, else <c>~/.cache/juoku/bench</c>.
    /// </summary>
    public static BenchmarkCache OfThisUser()
    {
        string? own = Environment.GetEnvironmentVariable("JUOKU_CACHE");
        string? shared = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string root = !string.IsNullOrEmpty(own) ? own
            : Path.Combine(!string.IsNullOrEmpty(shared) ? shared : Path.Combine(home, ".cache"), "juoku");
        return new BenchmarkCache(Path.Combine(root, "bench"));
    }

    /// <summary>Path of the model's file; trains it first where the cache has none.</summary>
    public string Model(BenchmarkModel model, IProgress<string> progress, CancellationToken cancel)
    {
        string madeFrom = $"{model.Parameters} trees={model.Trees} categories={model.HasCategories} rows={BenchmarkModel.TrainingRows} "
            + $"seed={BenchmarkModel.TrainingSeed} data={SyntheticClicks.Version} lightgbm={LightGbmVersion.Value}";
        return File($"model-{model.Name}", ".txt", madeFrom, path =>
        {
            progress.Report($"training {model.Name} once: generating {BenchmarkModel.TrainingRows:N0} rows");
            using Booster booster = model.Train(new TreeProgress(model, progress), cancel);
            booster.Save(path);
        });
    }

    /// <summary>Path of a cached file; <paramref name="make"/> writes it first where the cache has none.</summary>
    /// <param name="name">Start of the file's name.</param>
    /// <param name="extension">End of the file's name.</param>
    /// <param name="madeFrom">Everything the contents depend on.</param>
    /// <param name="make">Writes the file at the path it is given.</param>
    public string File(string name, string extension, string madeFrom, Action<string> make)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(madeFrom)))[..16];
        string path = Path.Combine(folder, $"{name}-{digest}{extension}");
        if (System.IO.File.Exists(path)) return path;

        Directory.CreateDirectory(folder);
        string partial = Path.Combine(folder, $".{name}-{Guid.NewGuid():n}.partial");
        try
        {
            make(partial);
            System.IO.File.Move(partial, path, overwrite: true);
            return path;
        }
        finally
        {
            System.IO.File.Delete(partial);
        }
    }

    private sealed class TreeProgress(BenchmarkModel model, IProgress<string> progress) : IProgress<int>
    {
        public void Report(int value) => progress.Report($"training {model.Name} once: {value} of {model.Trees} trees");
    }
}
