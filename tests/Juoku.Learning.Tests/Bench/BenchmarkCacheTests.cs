using Juoku.Bench.Models;

namespace Juoku.Learning.Tests.Bench;

public sealed class BenchmarkCacheTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("juoku-cache-tests-");

    [Fact]
    public void File_AskedForTwice_IsMadeOnce()
    {
        var cache = new BenchmarkCache(_folder.FullName);
        int made = 0;
        void Make(string path)
        {
            made++;
            File.WriteAllText(path, "x");
        }

        string first = cache.File("thing", ".txt", "from a", Make);
        Assert.Equal(first, cache.File("thing", ".txt", "from a", Make));
        Assert.NotEqual(first, cache.File("thing", ".txt", "from b", Make));
        Assert.Equal(2, made);
    }

    [Fact]
    public void File_WhoseMakingFails_LeavesNothing()
    {
        var cache = new BenchmarkCache(_folder.FullName);
        Assert.Throws<InvalidDataException>(() => cache.File("thing", ".txt", "from a", path =>
        {
            File.WriteAllText(path, "half");
            throw new InvalidDataException();
        }));
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public void Columns_OfASeed_AreTheSameWithAndWithoutLabels()
    {
        float[][] plain = SyntheticClicks.Columns(500, seed: 3, categories: true);
        (float[][] labelled, float[] clicks) = SyntheticClicks.Labelled(500, seed: 3, categories: true);

        Assert.Equal(plain, labelled);
        Assert.InRange(clicks.Average(), 0.02f, 0.4f);
        Assert.Equal(8, SyntheticClicks.CategoricalFeatures.Length);
        Assert.All(SyntheticClicks.CategoricalFeatures, f => Assert.All(plain[f], code => Assert.Equal(code, MathF.Floor(code))));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
