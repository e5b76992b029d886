using System.Collections.Immutable;
using System.Globalization;
using Juoku.Learning.Features;
using Juoku.Learning.Registry;

namespace Juoku.App.Terminal;

/// <summary>Prints models for people: eighty columns, one screen.</summary>
internal static class ModelReport
{
    private const int Width = 80;
    private const int Indent = 13;

    /// <summary>One line a version.</summary>
    public static void WriteList(ModelListing listing, TextWriter output)
    {
        string[][] rows =
        [
            ["MODEL", "REGISTERED", "TRAINED ON", "LOG LOSS", "AUC", "ALIASES"],
            .. listing.Versions.Select(version => (string[])(version.Manifest is { } manifest
                ? [manifest.Reference, Time(manifest.Created), manifest.Data is { } data ? $"{data.Set} to {data.To:yyyy-MM-dd}" : manifest.Origin is null ? "-" : "(imported)", Metric(manifest, "log_loss", "F5"), Metric(manifest, "auc", "F4"), string.Join(", ", version.Aliases)]
                : [$"{version.Name}/{version.Version}", version.Problem!])),
        ];
        int[] widths = [.. Enumerable.Range(0, 6).Select(column => rows.Where(row => row.Length == 6).Max(row => row[column].Length))];
        foreach (string[] row in rows) output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    /// <summary>Where a version comes from, from its aliases down to its code and data.</summary>
    public static void WriteLineage(ModelManifest manifest, ImmutableArray<ModelManifest> ancestors, ImmutableArray<AliasState> aliases, TextWriter output)
    {
        void Line(string name, FormattableString value) => WriteWrapped(name, value.ToString(CultureInfo.InvariantCulture), output);

        Line("model", $"{manifest.Reference}, registered {Time(manifest.Created)}");
        foreach (AliasState alias in aliases.Where(alias => alias.Version == manifest.Version))
        {
            AliasMove last = alias.History[^1];
            Line("alias", $"{alias.Alias} since {Time(last.At)} by {last.By}: {last.Reason}");
        }

        Line("sha-256", $"{manifest.Digest}");
        if (manifest.Code is { } code) Line("code", $"git {code.Commit ?? "(no repository)"}{(code.Dirty ? " and changes that were not committed" : "")} {code.Repository}");
        if (manifest.Data is { } data)
        {
            Line("data", $"{data.Set} {data.From:yyyy-MM-dd} to {data.To:yyyy-MM-dd}, {data.Rows:N0} rows{(data.NegativeRate < 1 ? string.Create(CultureInfo.InvariantCulture, $", {data.NegativeRate:P1} of those without click") : "")}, in {data.Store}");
            Line("", $"{data.Digest}");
            Line("held out", $"{data.ValidFrom:yyyy-MM-dd} to {data.ValidTo:yyyy-MM-dd}, measured from {data.MeasuredFrom:yyyy-MM-dd}");
        }

        if (manifest.Origin is not null) Line("imported", $"from {manifest.Origin}");
        if (manifest.Parent is not null) Line("parents", $"{Parents(manifest, ancestors)}");
        if (manifest.ConfigDigest is not null) Line("config", $"{manifest.ConfigDigest}");
        if (!manifest.Parameters.IsEmpty) Line("parameters", $"{Some(manifest.Parameters.Select(parameter => $"{parameter.Key}={parameter.Value}"), lines: 3)}");
        if (!manifest.Features.IsEmpty) Line("features", $"{manifest.Features.Length}, {manifest.Features.Count(feature => feature.Type == FeatureType.Categorical)} of them categorical: {Some(manifest.Features.Select(feature => feature.Name), lines: 2)}");
        if (!manifest.Metrics.IsEmpty) Line("metrics", $"{string.Join("  ", manifest.Metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Key} {metric.Value:G6}")))}");
        if (!manifest.Versions.IsEmpty) Line("made with", $"{string.Join(", ", manifest.Versions.Select(version => $"{version.Key} {version.Value}"))}");
        Line("files", $"{string.Join(", ", manifest.Files.Select(file => $"{file.Name} ({Size(file.Length)})"))}");
    }

    /// <summary>That all is well, and how much was read.</summary>
    public static void WriteVerified(ImmutableArray<CheckedFile> files, TextWriter output) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files.Length} files, {Size(files.Sum(file => file.Length ?? 0))}, all as they were registered"));

    private static string Parents(ModelManifest manifest, ImmutableArray<ModelManifest> ancestors)
    {
        string? last = ancestors.IsEmpty ? manifest.Parent : ancestors[^1].Parent;
        IEnumerable<string> chain = ancestors.Select(ancestor => $"{ancestor.Reference} ({ancestor.Digest[..12]})");
        return string.Join(" < ", last is null ? chain : chain.Append($"{last} (not in this registry)"));
    }

    /// <summary>As many as fit; the rest counted.</summary>
    private static string Some(IEnumerable<string> items, int lines)
    {
        string[] all = [.. items];
        int length = 0, shown = 0;
        while (shown < all.Length && (length += all[shown].Length + 1) < lines * (Width - Indent) - 24) shown++;
        return string.Join(' ', all[..shown]) + (shown < all.Length ? $" and {all.Length - shown} more" : "");
    }

    private static void WriteWrapped(string name, string text, TextWriter output)
    {
        string line = name.PadRight(Indent);
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + word.Length > Width && line.Trim().Length > 0 && line.Length > Indent)
            {
                output.WriteLine(line.TrimEnd());
                line = new string(' ', Indent);
            }

            line += word + " ";
        }

        output.WriteLine(line.TrimEnd());
    }

    private static string Metric(ModelManifest manifest, string name, string format) =>
        manifest.Metrics.TryGetValue(name, out double value) ? value.ToString(format, CultureInfo.InvariantCulture) : "-";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes switch
    {
        < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MB"),
    };
}
