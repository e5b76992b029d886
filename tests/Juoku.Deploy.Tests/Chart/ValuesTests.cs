using System.Text.Json;
using Juoku.App.Configuration;

namespace Juoku.Deploy.Tests.Chart;

/// <summary>Values that are wrong are refused before anything is installed, by name.</summary>
public sealed class ValuesTests
{
    [Theory]
    [InlineData("config.stor=s3://x", "stor")]
    [InlineData("config.store=/data", "store")]
    [InlineData("config.queue=sqlite:queue.db", "queue")]
    [InlineData("config.scaling.maximum=3", "maximum")]
    [InlineData("config.scaling.drain=soon", "drain")]
    [InlineData("autoscaling.mode=hpa", "controller")]
    [InlineData("image.digest=latest", "digest")]
    [InlineData("worker.graceSeconds=90s", "graceSeconds")]
    [InlineData("worker.lifecycle=gpu", "lifecycle")]
    [InlineData("worker.lifecylce=inference", "lifecylce")]
    [InlineData("training.schedule=weekly", "schedule")]
    [InlineData("training.from=monday", "from")]
    [InlineData("features.day=tomorrow", "day")]
    [InlineData("features.labels.from=monday", "from")]
    [InlineData("features.labels.day=today-2d", "day")]
    [InlineData("serviceAccounts.serving.create=true", "serving")]
    [InlineData("networkPolicy.blockedAddresses={metadata}", "blockedAddresses")]
    [InlineData("replicas=3", "replicas")]
    public async Task Template_WrongValue_IsRefusedByName(string value, string named)
    {
        foreach (int generation in (int[])[3, 4])
        {
            ToolResult render = await JuokuChart.TemplateAsync(generation, [.. JuokuChart.Values("dev"), "--set", value]);

            Assert.NotEqual(0, render.ExitCode);
            Assert.Contains(named, render.Errors, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("config.store=,config.queue=sqs://q", "config.store: set the store that all pods use, such as s3://bucket")]
    [InlineData("config.store=s3://b", "config.queue: set the queue that all pods use, such as sqs://queue")]
    public async Task Template_NoPlaces_SaysWhatToSet(string value, string message)
    {
        ToolResult render = await JuokuChart.TemplateAsync(4, "--set", value);

        Assert.NotEqual(0, render.ExitCode);
        Assert.Contains(message, render.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_Config_HasTheKeysOfTheSettings()
    {
        using var schema = JsonDocument.Parse(DeployFolder.Read("helm/juoku/values.schema.json"));
        JsonElement config = schema.RootElement.GetProperty("properties").GetProperty("config");

        Assert.Equal(SettingKeys.All.Values.Select(key => key.Dotted).Order(StringComparer.Ordinal), Keys(config, "").Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Keys(JsonElement section, string prefix) => section.GetProperty("properties").EnumerateObject()
        .SelectMany(key => key.Value.TryGetProperty("properties", out _) ? Keys(key.Value, $"{prefix}{key.Name}.") : [$"{prefix}{key.Name}"]);
}
