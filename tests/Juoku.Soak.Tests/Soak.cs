using System.Diagnostics;

namespace Juoku.Soak.Tests;

/// <summary>Runs under harm, one after another in different places, until the time is over.</summary>
internal static class Soak
{
    public const string Command = "soak";

    private const string Usage = "usage: ./test soak [--minutes N (20)] [--seed S (1)] [--files N (300)] [--workers N (4)]";

    /// <summary>The long form, for a terminal: progress and text on standard output, files under artifacts/soak.</summary>
    public static async Task<int> MainAsync(string[] words)
    {
        if (SoakOptions.Parse(words) is not { } options)
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, key) =>
        {
            key.Cancel = true;
            stop.Cancel();
        };
        SoakSummary summary = await RunAsync(options, Console.Out, stop.Token);
        string artifacts = Path.Combine("artifacts", "soak");
        Directory.CreateDirectory(artifacts);
        await File.WriteAllTextAsync(Path.Combine(artifacts, "summary.json"), summary.ToJson() + "\n", CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(artifacts, "summary.md"), summary.ToMarkdown(), CancellationToken.None);
        Console.Write(summary.ToText());
        Console.WriteLine($"{artifacts}/summary.json, {artifacts}/summary.md");
        return summary.Violations.Count == 0 ? 0 : 1;
    }

    /// <summary>Runs a soak. The folder that it worked in is kept when something was wrong.</summary>
    public static async Task<SoakSummary> RunAsync(SoakOptions options, TextWriter progress, CancellationToken cancellation)
    {
        var summary = new SoakSummary { Seed = options.Seed };
        var clock = Stopwatch.StartNew();
        string root = Directory.CreateTempSubdirectory("juoku-soak-").FullName;
        if (options.IsLong && LocalPlace.Missing is { } missing) summary.Skipped.Add(missing);
        if (options.IsLong && RemoteServers.Missing is { } absent) summary.Skipped.Add($"S3 and SQS ({absent})");
        await using RemoteServers? remote = options.IsLong && RemoteServers.Missing is null ? await RemoteServers.StartAsync() : null;
        try
        {
            int told = 0;
            for (int round = 0; round == 0 || clock.Elapsed.TotalMinutes < options.Minutes; round++)
            {
                string folder = Directory.CreateDirectory(Path.Combine(root, $"round-{round}")).FullName;
                await using SoakPlace place = await PlaceAsync(round, folder, remote, options, summary);
                await new SoakRound(place, round, options, summary).RunAsync(cancellation);
                progress.WriteLine($"{clock.Elapsed:hh\\:mm\\:ss} run {round + 1} on {place.Name}: {summary.Parts} parts, {summary.Rows} rows, {summary.Strikes.Sum} blows, {summary.Faults.Sum} faults so far; wrong: {summary.Violations.Count}");
                foreach (string wrong in summary.Violations.Skip(told)) progress.WriteLine($"    {wrong}");
                told = summary.Violations.Count;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            summary.Violations.Add("stopped before its end");
        }

        summary.Minutes = clock.Elapsed.TotalMinutes;
        if (summary.Violations.Count == 0) Directory.Delete(root, recursive: true);
        else progress.WriteLine($"{root} is kept");
        return summary;
    }

    private static async Task<SoakPlace> PlaceAsync(int round, string folder, RemoteServers? remote, SoakOptions options, SoakSummary summary)
    {
        if (!options.IsLong || round % 3 == 0 && !options.OnlyRemote) return new LocalPlace(folder);
        if ((round % 3 == 1 || options.OnlyRemote) && remote is not null) return await remote.PlaceAsync(folder);
        if (await SmallDiskPlace.MountAsync(folder) is { } small) return small;
        if (summary.Skipped.All(what => !what.StartsWith("full disk", StringComparison.Ordinal))) summary.Skipped.Add("full disk (mounting is not allowed here)");
        return new LocalPlace(folder);
    }
}
