using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Juoku.Deploy.Tests.Monitoring;

/// <summary>The dashboard, as far as it can be judged without Grafana, which no package of Debian brings.</summary>
public sealed partial class DashboardTests
{
    private const int Columns = 24;

    private static readonly JsonElement Dashboard = JsonDocument.Parse(DeployFolder.Read("grafana/juoku.json")).RootElement;

    // What Grafana puts in by itself.
    private static readonly Dictionary<string, string> BuiltIn = new() { ["__rate_interval"] = "5m", ["__range"] = "3h", ["__range_s"] = "10800" };

    [Fact]
    public void Dashboard_Envelope_IsThatOfAnImportableDashboard()
    {
        Assert.Equal("juoku", Text(Dashboard, "uid"));
        Assert.Equal("Juoku", Text(Dashboard, "title"));
        Assert.InRange(Dashboard.GetProperty("schemaVersion").GetInt32(), 39, 42);
        Assert.Equal(JsonValueKind.Null, Dashboard.GetProperty("id").ValueKind);
        Assert.Equal(["datasource", "namespace", "set", "price"], Variables());
    }

    [Fact]
    public void Panels_EachOne_SaysWhatItShowsAndInWhatUnit() => Assert.All(Panels(), panel =>
    {
        string title = Text(panel, "title");
        Assert.NotEmpty(title);
        Assert.True(Text(panel, "description").EndsWith('.'), $"{title} has no description");
        Assert.Equal("${datasource}", Text(panel.GetProperty("datasource"), "uid"));
        JsonElement fields = panel.GetProperty("fieldConfig");
        bool hasUnit = fields.GetProperty("defaults").TryGetProperty("unit", out _)
            || fields.GetProperty("overrides").EnumerateArray().Any(field => field.GetProperty("properties").EnumerateArray().Any(property => Text(property, "id") == "unit"));
        Assert.True(hasUnit, $"{title} has no unit");
    });

    [Fact]
    public void Panels_Places_DoNotOverlapAndLeaveNoGaps()
    {
        var taken = new Dictionary<(int X, int Y), string>();
        foreach (JsonElement panel in Dashboard.GetProperty("panels").EnumerateArray())
        {
            JsonElement place = panel.GetProperty("gridPos");
            int x = Number(place, "x"), y = Number(place, "y"), width = Number(place, "w"), height = Number(place, "h");
            Assert.InRange(x + width, 1, Columns);
            foreach (int row in Enumerable.Range(y, height))
                foreach (int column in Enumerable.Range(x, width))
                    Assert.True(taken.TryAdd((column, row), Text(panel, "title")), $"{Text(panel, "title")} lies over {taken[(column, row)]}");
        }

        Assert.Equal(Columns * (taken.Keys.Max(place => place.Y) + 1), taken.Count);
        Assert.Distinct(Dashboard.GetProperty("panels").EnumerateArray().Select(panel => Number(panel, "id")));
    }

    [Fact]
    public void Expressions_MetricsTheyUse_Exist() => Assert.Empty(Expressions().SelectMany(PrometheusNames.In).Except(PrometheusNames.All));

    [Fact]
    public void Expressions_RecordsTheyUse_AreRecorded() =>
        Assert.Empty(Expressions().SelectMany(expression => RecordedName().Matches(expression)).Select(match => match.Value).Except(RulesTests.Recorded()));

    [Fact]
    public void Expressions_VariablesTheyUse_AreDeclared() =>
        Assert.Empty(Expressions().SelectMany(expression => Variable().Matches(expression)).Select(match => match.Groups[1].Value).Except(Variables()).Except(BuiltIn.Keys));

    [Fact]
    public async Task Expressions_EachOne_IsOneThatPrometheusParses()
    {
        string folder = Directory.CreateTempSubdirectory("juoku-dashboard-").FullName;
        try
        {
            var rules = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
            foreach ((int number, string expression) in Expressions().Index())
                rules.Append($"      - record: dashboard:expression:{number}\n        expr: {JsonSerializer.Serialize(Variable().Replace(expression, Filled))}\n");
            await File.WriteAllTextAsync(Path.Combine(folder, "rules.yaml"), rules.ToString(), TestContext.Current.CancellationToken);

            ToolResult check = await Tool.RunAsync("promtool", folder, "check", "rules", "rules.yaml");

            Assert.True(check.ExitCode == 0, check.All);
            Assert.Contains($"{Expressions().Count()} rules found", check.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Filled(Match variable) => BuiltIn.GetValueOrDefault(variable.Groups[1].Value, "1");

    private static IEnumerable<string> Variables() => Dashboard.GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => Text(variable, "name"));

    private static IEnumerable<JsonElement> Panels() => Dashboard.GetProperty("panels").EnumerateArray().Where(panel => Text(panel, "type") != "row");

    private static IEnumerable<string> Expressions() =>
    [
        .. Panels().SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => Text(target, "expr")),
        .. Dashboard.GetProperty("annotations").GetProperty("list").EnumerateArray().Where(list => list.TryGetProperty("expr", out _)).Select(list => Text(list, "expr")),
        .. Dashboard.GetProperty("templating").GetProperty("list").EnumerateArray().Where(variable => Text(variable, "type") == "query")
            .Select(variable => LabelValues().Match(Text(variable, "definition")).Groups[1].Value),
    ];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    [GeneratedRegex(@"\$\{?(\w+)\}?")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\w+:juoku_\w+:\w+")]
    private static partial Regex RecordedName();

    [GeneratedRegex(@"^label_values\((.+), \w+\)$")]
    private static partial Regex LabelValues();
}
