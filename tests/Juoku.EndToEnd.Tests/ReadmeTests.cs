using System.Text.Json;
using System.Text.RegularExpressions;

namespace Juoku.EndToEnd.Tests;

/// <summary>What the documentation says is so: links resolve, the tree is the tree, commands exist and do what is shown.</summary>
public sealed partial class ReadmeTests
{
    private static string Juoku => Repository.PathOf("juoku");

    public static TheoryData<string> Pages => [.. Repository.Pages.Select(page => Path.GetRelativePath(Repository.Root, page))];

    [Theory, MemberData(nameof(Pages))]
    public void Page_RelativeLinks_Resolve(string page)
    {
        string file = Repository.PathOf(page);
        foreach (Match link in LinkPattern().Matches(WithoutCode(File.ReadAllText(file))))
        {
            string[] target = link.Groups[1].Value.Split('#');
            if (target[0].Contains("://", StringComparison.Ordinal)) continue;
            string path = target[0].Length == 0 ? file : Path.Combine(Path.GetDirectoryName(file)!, target[0]);
            Assert.True(Path.Exists(path), $"{page} links to {target[0]}, which does not exist.");
            if (target.Length > 1) Assert.Contains(target[1], HeadingPattern().Matches(File.ReadAllText(path)).Select(heading => Anchor(heading.Groups[1].Value)));
        }
    }

    [Fact]
    public void Readme_Length_StaysUnder200Lines() => Assert.True(File.ReadAllLines(Repository.PathOf("README.md")).Length < 200);

    [Fact]
    public void Readme_Tree_NamesWhatIsThere()
    {
        string tree = Block(File.ReadAllText(Repository.PathOf("README.md")), after: "## The tree");
        string[] named = [.. tree.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("  ")[0])];

        Assert.All(named, path => Assert.True(Path.Exists(Repository.PathOf(path)), $"The README's tree names {path}, which does not exist."));
        IEnumerable<string> projects = new[] { "src", "bench" }.SelectMany(folder => Directory.GetFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
            .Select(project => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(project)!));
        Assert.All(projects, project => Assert.Contains(project, named));
    }

    [Fact]
    public void Decisions_Index_LinksEveryPage()
    {
        string index = File.ReadAllText(Repository.PathOf("docs/decisions/README.md"));

        Assert.All(Directory.GetFiles(Repository.PathOf("docs/decisions"), "0*.md"), page => Assert.Contains($"({Path.GetFileName(page)})", index));
    }

    [Fact]
    public void ThirdParty_Table_NamesEveryPackage()
    {
        string page = File.ReadAllText(Repository.PathOf("docs/third-party.md"));
        IEnumerable<string> packages = new[] { "src", "bench", "tests" }
            .SelectMany(folder => Directory.GetFiles(Repository.PathOf(folder), "packages.lock.json", SearchOption.AllDirectories))
            .SelectMany(file => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("dependencies").EnumerateObject())
            .SelectMany(framework => framework.Value.EnumerateObject())
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .Select(package => package.Name)
            .Where(name => !name.StartsWith("xunit.v3.", StringComparison.Ordinal) && !name.StartsWith("Microsoft.Testing.", StringComparison.Ordinal))
            .Distinct();

        Assert.All(packages, name => Assert.Matches($@"(?<![\w.]){Regex.Escape(name)}(?![\w.]*\w)", page));
    }

    [Fact]
    public void Pages_Commands_AreUnderstood()
    {
        foreach (string page in Repository.Pages)
        {
            foreach (string[] words in Commands(File.ReadAllText(page)))
            {
                // Up to the first option: the command. Its help must name every option that the page uses.
                string[] command = [.. words.TakeWhile(word => !word.StartsWith('-') && !word.StartsWith('…'))];
                if (command.Length == 0) continue;
                Outcome help = Outcome.Of(Repository.Root, Juoku, [.. command, "--help"]);
                Assert.True(help.ExitCode == 0, $"{page}: juoku {string.Join(' ', command)} --help: {help.Error}");
                foreach (string option in words.Where(word => word.StartsWith("--", StringComparison.Ordinal) && word != "--help"))
                    Assert.True(help.Output.Contains(option, StringComparison.Ordinal), $"{page} uses {option}, which juoku {string.Join(' ', command)} does not have.");
            }
        }
    }

    [Fact]
    public void Readme_FirstScores_RunAsWritten()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["juoku"], Juoku);

        string script = Block(File.ReadAllText(Repository.PathOf("README.md")), after: "<!-- snippet: first-scores -->");
        Outcome run = Outcome.Of(folder.Path, "bash", "-euc", script);

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.True(new FileInfo(folder["predictions.parquet"]).Length > 0);
    }

    /// <summary>The words after ./juoku on each line of a page's shell blocks.</summary>
    private static IEnumerable<string[]> Commands(string page) => FencePattern().Matches(page)
        .Where(fence => fence.Groups["language"].Value is "bash" or "sh")
        .SelectMany(fence => fence.Groups["text"].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        .Where(line => line.TrimStart().StartsWith("./juoku ", StringComparison.Ordinal))
        .Select(line => line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]);

    private static string Block(string page, string after)
    {
        int start = page.IndexOf(after, StringComparison.Ordinal);
        Assert.True(start >= 0, $"The README has lost its \"{after}\".");
        return FencePattern().Match(page, start).Groups["text"].Value;
    }

    private static string WithoutCode(string page) => InlineCodePattern().Replace(FencePattern().Replace(page, ""), "");

    /// <summary>The anchor a forge gives a heading.</summary>
    private static string Anchor(string heading) =>
        Regex.Replace(heading.Trim().ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex HeadingPattern();

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencePattern();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex InlineCodePattern();
}
