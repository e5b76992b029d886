using System.ComponentModel;
using System.Diagnostics;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Training;

/// <summary>Asks git which commit the working directory is at, so that a model can be traced to the code and configuration it was trained with.</summary>
public static class GitCheckout
{
    /// <summary>The commit, whether there are changes beyond it, and where it came from. Where there is no git or no repository nothing is known.</summary>
    public static async Task<CodeSource> DescribeAsync(string folder, CancellationToken cancellation)
    {
        if (await AskAsync(folder, cancellation, "rev-parse", "HEAD").ConfigureAwait(false) is not { } commit) return new CodeSource(null, false, null);
        string? changes = await AskAsync(folder, cancellation, "status", "--porcelain").ConfigureAwait(false);
        string? origin = await AskAsync(folder, cancellation, "config", "--get", "remote.origin.url").ConfigureAwait(false);
        return new CodeSource(commit, changes is not "", origin is null ? null : WithoutCredentials(origin));
    }

    /// <summary><c>https://user:secret@host/path</c> → <c>https://host/path</c>.</summary>
    internal static string WithoutCredentials(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.UserInfo.Length > 0 ? new UriBuilder(uri) { UserName = "", Password = "" }.Uri.ToString() : url;

    /// <summary>What git answers; null when it refuses or is not installed.</summary>
    private static async Task<string?> AskAsync(string folder, CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        try
        {
            using Process git = Process.Start(start)!;
            Task<string> errors = git.StandardError.ReadToEndAsync(cancellation);
            string answer = await git.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
            await errors.ConfigureAwait(false);
            await git.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return git.ExitCode == 0 ? answer.Trim() : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
