using Juoku.App.Configuration;

namespace Juoku.EndToEnd.Tests.Configuration;

public sealed class EffectiveSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Load_NothingSet_GivesDefaults()
    {
        EffectiveSettings settings = EffectiveSettings.Load(Environment(), []);

        Assert.Equal(new Settings(), settings.Values);
        Assert.Empty(settings.Origins);
    }

    [Fact]
    public void Load_EveryLayerSetsStore_LaterLayerWins()
    {
        File.WriteAllText(_folder["juoku.yaml"], "store: ./from-file\nqueue: sqlite:./file.db\n");
        File.WriteAllText(_folder["juoku.prod.yaml"], "\nstore: s3://from-prod/x\n");

        Assert.Equal("./from-file", Load().Values.Store);
        Assert.Equal("s3://from-prod/x", Load(("JUOKU_ENV", "prod")).Values.Store);
        Assert.Equal("./from-variable", Load(("JUOKU_ENV", "prod"), ("JUOKU__STORE", "./from-variable")).Values.Store);
        EffectiveSettings all = EffectiveSettings.Load(
            Environment(("JUOKU_CONFIG", _folder["juoku.yaml"]), ("JUOKU__STORE", "./from-variable")), [new SetValue("store", "./from-flag", "--store")]);

        Assert.Equal("./from-flag", all.Values.Store);
        Assert.Equal("--store", all.Origins["store"].Origin);
        Assert.Equal($"{_folder["juoku.yaml"]}:2", all.Origins["queue"].Origin);
    }

    [Theory]
    [InlineData("stores: ./data\n", "juoku.yaml:1", "there is no setting 'stores'; close: store")]
    [InlineData("\n\nstore: [a, b]\n", "juoku.yaml:3", "there is no setting 'store.0'")]
    [InlineData("store: {a: 1\n", "juoku.yaml:2", "not YAML")]
    [InlineData("hello\n", "juoku.yaml:1", "'hello' is not a setting")]
    public void Load_BadFile_NamesLineAndProblem(string yaml, string where, string problem)
    {
        File.WriteAllText(_folder["juoku.yaml"], yaml);

        var error = Assert.Throws<SettingsException>(() => Load());

        Assert.Contains(where, error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Load_UnknownVariable_IsRefusedByName()
    {
        var error = Assert.Throws<SettingsException>(() => EffectiveSettings.Load(Environment(("JUOKU__STORES", "x")), []));

        Assert.StartsWith("JUOKU__STORES: there is no setting 'STORES'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("JUOKU_CONFIG", "there is no file")]
    [InlineData("JUOKU_ENV", "there is no file")]
    public void Load_NamedFileMissing_IsRefused(string variable, string problem) =>
        Assert.Contains(problem, Assert.Throws<SettingsException>(() => EffectiveSettings.Load(Environment((variable, "nowhere")), [])).Message, StringComparison.Ordinal);

    [Fact]
    public void ConfigShow_VariableSet_PrintsValueAndOrigin()
    {
        JuokuResult shown = JuokuProcess.Run("config", "show", "--store", "s3://bucket/prefix");

        Assert.Equal(0, shown.ExitCode);
        Assert.Matches(@"(?m)^store +s3://bucket/prefix +--store$", shown.Output);
        Assert.Matches(@"(?m)^queue +sqlite:\./data/queue\.db +default$", shown.Output);
    }

    public void Dispose() => _folder.Dispose();

    private EffectiveSettings Load(params (string, string)[] variables) =>
        EffectiveSettings.Load(Environment([("JUOKU_CONFIG", _folder["juoku.yaml"]), .. variables]), []);

    private static Dictionary<string, string> Environment(params (string Name, string Value)[] variables) =>
        variables.ToDictionary(variable => variable.Name, variable => variable.Value);
}
