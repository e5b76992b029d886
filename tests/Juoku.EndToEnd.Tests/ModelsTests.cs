using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Juoku.EndToEnd.Tests;

/// <summary>The registry as its users have it: through commands, from many processes, and after one was killed.</summary>
public sealed class ModelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelsTests()
    {
        _folder.Write("model.txt", TinyModel.Text);
        _folder.Write("in.csv", "age,price\n30,9\n40,12\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Models_FromImportToPredict_Works()
    {
        Assert.Equal((0, ""), (Models("list").ExitCode, Models("list").Output));
        JuokuResult imported = Models("import", _folder["model.txt"], "--name", "ctr");
        Assert.Equal((0, ""), (imported.ExitCode, imported.Error));
        Assert.StartsWith("ctr/1  sha256:", imported.Output, StringComparison.Ordinal);
        Assert.Equal("ctr@champion is ctr/1 now\n", Models("promote", "ctr@latest").Output);

        string[] shown = Models("show", "ctr").Output.Split('\n');
        Assert.All(shown, line => Assert.InRange(line.Length, 0, 80));
        Assert.InRange(shown.Length, 5, 24);
        Assert.Contains(shown, line => line.StartsWith("alias        champion since ", StringComparison.Ordinal));
        Assert.Matches("\nctr/1 .* champion\n", Models("list").Output);

        JuokuResult verified = Models("verify");
        Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
        Assert.Equal(0, Models("export", "ctr", "--output", _folder["image"]).ExitCode);
        string direct = Predict(_folder["model.txt"]), registered = Predict("ctr@champion"), exported = Predict(_folder["image/model.txt"]);
        Assert.Equal((direct, direct), (registered, exported));
    }

    [Fact]
    public void Models_Json_IsJsonEverywhere()
    {
        Assert.Equal("ctr", Json("import", _folder["model.txt"], "--name", "ctr").GetProperty("name").GetString());
        Assert.Equal("moved", Json("promote", "ctr/1").GetProperty("outcome").GetString());
        JsonElement shown = Json("show", "ctr/1");
        Assert.Equal(1, shown.GetProperty("manifest").GetProperty("version").GetInt32());
        Assert.Equal("first", shown.GetProperty("aliases").GetProperty("champion").GetProperty("history")[0].GetProperty("reason").GetString());
        Assert.Equal("champion", Json("list")[0].GetProperty("aliases")[0].GetString());
        Assert.All(Json("verify").EnumerateArray(), file => Assert.True(file.GetProperty("ok").GetBoolean()));
    }

    [Fact]
    public void Models_WhatGoesWrong_HasACodeAndALine()
    {
        Models("import", _folder["model.txt"], "--name", "ctr");
        Models("import", _folder["model.txt"], "--name", "ctr");
        Models("promote", "ctr/1");
        Fails(2, "'CTR' is no name of a model", "import", _folder["model.txt"], "--name", "CTR");
        Fails(3, "in.csv", "import", _folder["in.csv"], "--name", "ctr");
        Fails(4, "absent: no such model file", "import", _folder["absent"], "--name", "ctr");
        Fails(4, "no model 'cvr'; there is ctr", "show", "cvr");
        Fails(4, "no version ctr/3; there are ctr/2, ctr/1", "verify", "ctr/3");
        Fails(4, "no alias ctr@canary; there are ctr@champion, ctr@latest", "export", "ctr@canary", "--output", _folder["image"]);
        Fails(1, "ctr/2 and the champion ctr/1 were not measured on the same days", "promote", "ctr/2");
        Fails(1, "ctr@champion was never another version than ctr/1", "rollback", "ctr");

        File.AppendAllText(_folder["store/models/ctr/1/model.txt"], "\n");
        Fails(3, "models/ctr/1/model.txt: differs", "verify");
        AssertOneLine(RunPredict("ctr"), 3, "models/ctr/1/model.txt: has SHA-256");
        File.WriteAllText(_folder["store/models/ctr/1/manifest.json"], "{\"name\"");
        Fails(3, "models/ctr/1/manifest.json: is damaged", "show", "ctr");
        AssertOneLine(RunPredict("ctr"), 3, "models/ctr/1/manifest.json: is damaged");
        File.Delete(_folder["store/models/ctr/2/model.txt"]);
        Fails(3, "models/ctr/2/model.txt: is missing", "verify", "ctr/2");
        AssertOneLine(RunPredict("ctr/2"), 4, "models/ctr/2/model.txt: is missing");
        AssertOneLine(RunPredict("cvr"), 4, "cvr: no such model file, and");
    }

    [Fact]
    public async Task Models_ManyProcesses_EachVersionWholeAndNoMoveLost()
    {
        const int Processes = 6;
        for (int i = 1; i <= Processes; i++) _folder.Write($"model{i}.txt", TinyModel.Text.Replace("leaf_value=0.5 ", $"leaf_value=0.{i} ", StringComparison.Ordinal));

        JuokuResult[] imports = await Task.WhenAll(Enumerable.Range(1, Processes).Select(i => Task.Run(() => Models("import", _folder[$"model{i}.txt"], "--name", "ctr"))));
        JuokuResult[] promotions = await Task.WhenAll(Enumerable.Range(1, Processes).Select(i => Task.Run(() => Models("promote", $"ctr/{i}", "--force"))));

        Assert.All(imports, import => Assert.Equal((0, ""), (import.ExitCode, import.Error)));
        Assert.Equal(Enumerable.Range(1, Processes).Select(version => $"ctr/{version}"), imports.Select(import => import.Output.Split(' ')[0]).Order(StringComparer.Ordinal));
        Assert.Equal(Processes, imports.Select(import => import.Output.Split(' ')[2]).Distinct().Count());
        Assert.Equal(0, Models("verify").ExitCode);

        // Who was told that he moved it is in the history, who was told that another was quicker is not.
        JsonElement history = Json("show", "ctr").GetProperty("aliases").GetProperty("champion").GetProperty("history");
        string[] moved = [.. history.EnumerateArray().Select(move => $"ctr/{move.GetProperty("to").GetInt32()}")];
        Assert.All(promotions, promotion => Assert.True(promotion.ExitCode == 0 ^ promotion.Error.Contains("meanwhile; look at it", StringComparison.Ordinal), promotion.Error));
        Assert.Equal(moved.Order(StringComparer.Ordinal), Enumerable.Range(1, Processes).Where(i => promotions[i - 1].ExitCode == 0).Select(i => $"ctr/{i}"));
    }

    [Fact]
    public void Models_ImportKilledInTheMiddle_LeavesARegistryThatWorks()
    {
        // Large enough to be killed while it is written.
        _folder.Write("model.categories.json", "{\"age\": [" + string.Join(",", Enumerable.Range(0, 2_000_000).Select(i => i.ToString(CultureInfo.InvariantCulture))) + "]}");
        using (Process process = JuokuProcess.Start("models", "import", _folder["model.txt"], "--name", "ctr", "--store", _folder["store"]))
        {
            while (!process.HasExited && !File.Exists(_folder["store/models/ctr/1/_claim.json"])) Thread.Yield();
            process.Kill();
            process.WaitForExit();
        }

        Assert.SkipWhen(File.Exists(_folder["store/models/ctr/1/manifest.json"]), "the import was over before it could be killed");
        File.Delete(_folder["model.categories.json"]);
        JuokuResult next = Models("import", _folder["model.txt"], "--name", "ctr");
        Assert.StartsWith("ctr/2 ", next.Output, StringComparison.Ordinal);
        JuokuResult verified = Models("verify");
        Assert.Equal(0, verified.ExitCode);
        Assert.StartsWith("ctr/1 was begun and not finished", verified.Error, StringComparison.Ordinal);
        Assert.Equal(0, Models("promote", "ctr@latest").ExitCode);
        Assert.DoesNotContain("ctr/1", Models("list").Output, StringComparison.Ordinal);
        Assert.Equal(Predict(_folder["model.txt"]), Predict("ctr"));
    }

    private JuokuResult Models(params string[] arguments) => JuokuProcess.Run(["models", .. arguments, "--store", _folder["store"]]);

    private JsonElement Json(params string[] arguments)
    {
        JuokuResult result = Models([.. arguments, "--json"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return JsonDocument.Parse(result.Output).RootElement;
    }

    private string Predict(string model)
    {
        JuokuResult result = RunPredict(model);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return File.ReadAllText(_folder["out.csv"]);
    }

    private JuokuResult RunPredict(string model) =>
        JuokuProcess.RunWithCache(_folder["cache"], "predict", "--model", model, "--input", _folder["in.csv"], "--output", _folder["out.csv"], "--store", _folder["store"]);

    private void Fails(int code, string message, params string[] arguments) => AssertOneLine(Models(arguments), code, message);

    private static void AssertOneLine(JuokuResult result, int code, string message)
    {
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.StartsWith("juoku: ", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.Count(c => c == '\n'));
        Assert.Equal((code, ""), (result.ExitCode, result.Output));
    }
}
