using System.Diagnostics;

namespace Juoku.EndToEnd.Tests;

/// <summary>The scripts at the root.</summary>
public sealed class ScriptTests
{
    [Fact]
    public void Scripts_Shellcheck_FindsNothing()
    {
        try
        {
            Outcome.Of(Repository.Root, "shellcheck", "--version");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("shellcheck is not installed");
        }

        string[] scripts = ["juoku", "test", ".ci/run", "tests/servers/apt-install", "tests/servers/install", "tests/servers/ceph/serve",
            "deploy/images/build", "deploy/images/program", "deploy/images/publish", "deploy/images/root"];
        Outcome check = Outcome.Of(Repository.Root, "shellcheck", scripts);

        Assert.Equal("", check.Output);
    }

    /// <summary>One small program through its life, in a copy of the repository's skeleton: each build takes seconds, so one test does them all.</summary>
    [Fact]
    public async Task Launcher_SourcesChange_BuildsWhenNeededAndOnlyThen()
    {
        using var folder = new TemporaryFolder();
        string launcher = folder["juoku"], builds = folder["artifacts/juoku"], source = folder["src/Juoku.App/Program.cs"];
        Directory.CreateDirectory(folder["bench/Juoku.Bench"]);
        Directory.CreateDirectory(folder["src/Juoku.App"]);
        foreach (string file in new[] { "juoku", "global.json" }) File.Copy(Repository.PathOf(file), folder[file]);
        foreach (string file in new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props" }) File.WriteAllText(folder[file], "<Project />");
        File.WriteAllText(folder["src/Juoku.App/Juoku.App.csproj"], """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <AssemblyName>juoku</AssemblyName>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
            </Project>
            """);
        File.WriteAllText(source, """
            System.Console.Write(string.Join('|', args));
            System.Console.Out.Flush();
            if (args is ["wait"]) System.Threading.Thread.Sleep(-1);
            return args.Length;
            """);

        // The first launch builds; arguments and exit code pass.
        Assert.Equal(new Outcome(2, "a|b  c", ""), Outcome.Of(folder.Path, launcher, "a", "b  c"));
        string first = Current();

        // A touched source, a symbolic link and another directory change nothing.
        File.SetLastWriteTimeUtc(source, DateTime.UtcNow);
        File.CreateSymbolicLink(folder["link"], "juoku");
        Assert.Equal(new Outcome(1, "x", ""), Outcome.Of("/", folder["link"], "x"));
        Assert.Equal(first, Current());

        // A source that does not compile: its errors, exit code 1, and the stale build is not run.
        File.WriteAllText(folder["src/Juoku.App/Extra.cs"], "class Extra { int Size => \"a\"; }");
        Outcome broken = Outcome.Of(folder.Path, launcher, "x");
        Assert.Equal((1, ""), (broken.ExitCode, broken.Output));
        Assert.Contains("src/Juoku.App/Extra.cs(1,27): error CS0029", broken.Error);

        // Deleting it again is noticed too, though no file is newer.
        File.Delete(folder["src/Juoku.App/Extra.cs"]);
        Assert.Equal(new Outcome(0, "", ""), Outcome.Of(folder.Path, launcher));

        // While one run goes on, two launches with a new source build once between them, and leave the running one its files.
        using Process running = Outcome.Start(folder.Path, launcher, "wait");
        var buffer = new char[4];
        running.StandardOutput.ReadBlock(buffer, 0, 4);
        File.AppendAllText(source, "// changed\n");
        Outcome[] both = await Task.WhenAll(Enumerable.Range(1, 2).Select(_ => Task.Run(() => Outcome.Of(folder.Path, launcher, "y"))));
        Assert.All(both, run => Assert.Equal(new Outcome(1, "y", ""), run));
        Assert.NotEqual(first, Current());
        Assert.Equal(2, Directory.GetDirectories(builds).Length);

        // A signal reaches the program itself; the next build clears its folder away.
        using (Process kill = Process.Start("kill", ["-TERM", $"{running.Id}"])) kill.WaitForExit();
        Assert.True(running.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(128 + 15, running.ExitCode);
        File.AppendAllText(source, "// again\n");
        Assert.Equal(0, Outcome.Of(folder.Path, launcher).ExitCode);
        Assert.Single(Directory.GetDirectories(builds));

        string Current() => File.ReadAllText(Path.Combine(builds, "current"));
    }
}
