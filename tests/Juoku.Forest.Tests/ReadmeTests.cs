namespace Juoku.Forest.Tests;

/// <summary>The lines of the package's README compile and run, because they stand here too.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void Readme_FiveLines_LoadAModelAndScore()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.txt");
        File.WriteAllText(path, new RandomForest(new ForestShape { Features = 2, Categorical = 1, Objective = "objective=binary sigmoid:1\n" }, seed: 1).Write());

        var model = ForestModel.Load(path);
        Column[] columns = [Column.Of(new float[] { 0.5f, float.NaN, 2 }), Column.Of(new int[] { 3, 7, -1 })];
        double[] scores = new double[3];
        model.Score(columns, scores);
        Console.WriteLine(string.Join(' ', scores));

        Assert.All(scores, score => Assert.InRange(score, 0, 1));
    }

    [Fact]
    public void Readme_Lines_AreThoseOfThisTest()
    {
        string[] readme = File.ReadAllLines(Repository.Path("src", "Juoku.Forest", "README.md"));
        string[] snippet = [.. readme.SkipWhile(line => line != "```csharp").Skip(1).TakeWhile(line => line != "```")];
        string[] here = [.. File.ReadLines(Repository.Path("tests", "Juoku.Forest.Tests", "ReadmeTests.cs")).Select(line => line.Trim())];
        Assert.Equal(5, snippet.Length);
        Assert.Equal(snippet, here.SkipWhile(line => line != snippet[0]).Take(5));
    }
}
