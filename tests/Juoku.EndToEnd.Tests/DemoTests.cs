using System.Text.Json;

namespace Juoku.EndToEnd.Tests;

public sealed class DemoTests
{
    [Fact]
    public void Demo_SmallWorld_PublishesThePredictionsOfTheNextDay()
    {
        using var folder = new TemporaryFolder();

        JuokuResult demo = JuokuProcess.Run("demo", "--output", folder["demo"], "--users", "20000", "--json");

        Assert.True(demo.ExitCode == 0, demo.Error);
        JsonElement result = JsonDocument.Parse(demo.Output).RootElement;
        Assert.Equal("published", result.GetProperty("state").GetString());
        Assert.InRange(result.GetProperty("rows").GetInt64(), 18_000, 21_000);
        Assert.InRange(result.GetProperty("auc").GetDouble(), 0.55, 1);
        string predictions = result.GetProperty("predictions").GetString()!;
        Assert.True(File.Exists(Path.Combine(predictions, "_SUCCESS")), $"{predictions} has no _SUCCESS");
        Assert.True(File.Exists(result.GetProperty("report").GetString()));
        Assert.Contains("$ juoku run submit --model ctr@champion", demo.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Demo_FolderNotEmpty_IsRefusedAndLeftAlone()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["mine.txt"], "mine");

        JuokuResult demo = JuokuProcess.Run("demo", "--output", folder.Path);

        Assert.Equal(2, demo.ExitCode);
        Assert.Contains("is not empty", demo.Error, StringComparison.Ordinal);
        Assert.Equal(["mine.txt"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }
}
