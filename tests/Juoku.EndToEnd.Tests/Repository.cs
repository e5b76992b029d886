using System.Diagnostics;

namespace Juoku.EndToEnd.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>Every page of documentation.</summary>
    public static IEnumerable<string> Pages { get; } =
    [
        .. Directory.EnumerateFiles(Root, "*.md"),
        .. new[] { "docs", "src", "bench", "tests" }.Select(PathOf)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories))
            .Where(page => !page.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")),
    ];

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Juoku.slnx"))) return folder.FullName;
        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside a checkout.");
    }
}

/// <summary>What a command did.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Error)
{
    // Only against what hangs: a launcher that has to build first takes minutes on a machine with other work.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>Runs a program to its end, without standard input.</summary>
    public static Outcome Of(string folder, string program, params string[] arguments)
    {
        using Process process = Start(folder, program, arguments);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end within {Patience}.");
        }

        return new Outcome(process.ExitCode, output.Result, error.Result);
    }

    public static Process Start(string folder, string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
