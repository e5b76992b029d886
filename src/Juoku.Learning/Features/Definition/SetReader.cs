using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Juoku.Batch.Predicting;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Juoku.Learning.Features.Definition;

/// <summary>Finds a set's folder and reads it, checking all that can be checked without logs.</summary>
internal sealed class SetReader
{
    private const string FileName = "set.yaml";

    private readonly string _folder;
    private readonly string _path;

    private SetReader(string folder) => (_folder, _path) = (folder, Path.Combine(folder, FileName));

    /// <summary>Reads a set: from a folder, or else from <c>features/‹name›</c> here, or else the one that comes with Juoku.</summary>
    /// <exception cref="FeatureException">The definition is wrong.</exception>
    /// <exception cref="NotFoundException">There is no such set.</exception>
    public static SetDefinition Read(string name, string? folder)
    {
        string[] places = folder is not null ? [folder] : [Path.Combine("features", name), Path.Combine(AppContext.BaseDirectory, "Sets", name)];
        string found = places.FirstOrDefault(place => File.Exists(Path.Combine(place, FileName)))
            ?? throw new NotFoundException($"feature set '{name}': no {FileName} in {string.Join(" nor in ", places)}; name its folder with --definition");
        return new SetReader(found).Read(name);
    }

    private SetDefinition Read(string name)
    {
        string yaml = File.ReadAllText(_path);
        SetFile file = Parse(yaml);
        if (file.Features is null) throw Wrong("has no 'features:' with the steps that make the set");
        if (file.Columns.Count == 0) throw Wrong("lists no 'columns:'");
        if (file.RejectLimit is not (>= 0 and <= 1)) throw Wrong("reject_limit must be between 0 and 1");
        if (file.Negatives is not (> 0 and <= 1)) throw Wrong("negatives must be above 0 and at most 1");
        if (file.RowsPerFile < 1) throw Wrong("rows_per_file must be at least 1");

        ImmutableArray<SourceDefinition> sources = [.. file.Sources.Select(Source)];
        SetFile.StepsEntry historyEntry = file.History ?? new SetFile.StepsEntry();
        StepsDefinition history = Steps("history", historyEntry, sources), features = Steps("features", file.Features, sources);
        if (features.Steps.IsEmpty) throw Wrong("features: lists no steps");
        foreach (string kept in historyEntry.Keep)
            if (!history.Steps.Contains(kept)) throw Wrong($"history: keeps '{kept}', which is not one of its steps");
        if (historyEntry.Days < 0) throw Wrong("history: days must not be negative");

        ImmutableSortedDictionary<string, string> sql = ReadSql(history.Steps.Concat(features.Steps));
        ImmutableArray<FeatureColumn> columns = [.. file.Columns.Select(Column)];
        foreach (ColumnRole role in (ColumnRole[])[ColumnRole.Label, ColumnRole.Weight])
            if (columns.Count(column => column.Role == role) > 1) throw Wrong($"has more than one column with the role {role.ToString().ToLowerInvariant()}");
        if (columns.All(column => column.Role != ColumnRole.Key)) throw Wrong("has no column with the role key");
        if (columns.GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } twice) throw Wrong($"lists the column '{twice.Key}' twice");
        if (file.Negatives < 1 && (columns.All(column => column.Role != ColumnRole.Label) || columns.All(column => column.Role != ColumnRole.Weight)))
            throw Wrong("negatives below 1 need a column with the role label and one with the role weight");

        return new SetDefinition
        {
            Name = name,
            Folder = _folder,
            RejectLimit = file.RejectLimit,
            Negatives = file.Negatives,
            RowsPerFile = file.RowsPerFile,
            Sources = sources,
            History = new HistoryDefinition(historyEntry.Days, history.Reads, history.Steps, [.. historyEntry.Keep], HistoryDigest(sources, historyEntry, sql)),
            Features = features,
            Columns = columns,
            Sql = sql,
            Digest = Digest([yaml, .. sql.SelectMany(pair => (string[])[pair.Key, pair.Value])]),
        };
    }

    private SetFile Parse(string yaml)
    {
        IDeserializer deserializer = new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).WithEnumNamingConvention(LowerCaseNamingConvention.Instance).Build();
        try
        {
            return deserializer.Deserialize<SetFile?>(yaml) ?? throw Wrong("is empty");
        }
        catch (YamlException e)
        {
            Exception said = e.InnerException ?? e;
            throw new FeatureException(string.Create(CultureInfo.InvariantCulture, $"{_path}, line {e.Start.Line}: {Plain(said.Message)}"), e);
        }
    }

    private SourceDefinition Source(KeyValuePair<string, SetFile.SourceEntry> entry)
    {
        (string name, SetFile.SourceEntry source) = entry;
        if (!IsName(name)) throw Wrong($"source '{name}': a name is lower-case letters, digits and _");
        if (string.IsNullOrWhiteSpace(source.Path)) throw Wrong($"source '{name}' has no path");
        foreach (SetFile.RejectEntry reject in source.Rejects)
            if (string.IsNullOrWhiteSpace(reject.Reason) || string.IsNullOrWhiteSpace(reject.When)) throw Wrong($"source '{name}': each of its rejects needs a reason and a when");
        return new SourceDefinition(
            name, source.Path.Trim('/'), source.ByDay, source.Required, [.. source.Unique], source.FirstBy,
            [.. source.Rejects.Select(reject => new RejectDefinition(reject.Reason!, reject.When!))]);
    }

    private StepsDefinition Steps(string section, SetFile.StepsEntry entry, ImmutableArray<SourceDefinition> sources)
    {
        foreach (string step in entry.Steps)
            if (!IsName(step)) throw Wrong($"{section}: step '{step}': a name is lower-case letters, digits and _");
        return new StepsDefinition([.. entry.Reads.Select(read => Reads(section, read.Key, read.Value, sources))], [.. entry.Steps]);
    }

    /// <summary><c>0</c>, <c>-1..0</c>, or <c>all</c> for a source that has no days.</summary>
    private ReadDefinition Reads(string section, string name, string days, ImmutableArray<SourceDefinition> sources)
    {
        SourceDefinition source = sources.FirstOrDefault(source => source.Name == name) ?? throw Wrong($"{section}: reads '{name}', which is not one of the sources");
        if (!source.ByDay) return days == "all" ? new ReadDefinition(source, 0, 0) : throw Wrong($"{section}: reads {name}: {days}, but it has no days; write 'all'");
        string[] ends = days.Split("..");
        return ends.Length is 1 or 2
            && int.TryParse(ends[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int first)
            && int.TryParse(ends[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int last) && first <= last
            ? new ReadDefinition(source, first, last)
            : throw Wrong($"{section}: reads {name}: {days}; write days relative to the one built, as in 0 or -1..0");
    }

    private FeatureColumn Column(SetFile.ColumnEntry entry)
    {
        if (string.IsNullOrWhiteSpace(entry.Name)) throw Wrong("has a column without a name");
        if (entry.Role == ColumnRole.Feature != entry.Type is not null) throw Wrong($"column '{entry.Name}': a feature has a type, numeric or categorical; other roles have none");
        return new FeatureColumn(entry.Name, entry.Role, entry.Type, entry.Breakdown);
    }

    private ImmutableSortedDictionary<string, string> ReadSql(IEnumerable<string> steps)
    {
        var sql = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (string step in steps)
        {
            string path = Path.Combine(_folder, step + ".sql");
            if (!File.Exists(path)) throw Wrong($"names the step '{step}', but there is no {path}");
            sql[step] = File.ReadAllText(path).ReplaceLineEndings("\n").TrimEnd().TrimEnd(';');
        }

        string setup = Path.Combine(_folder, SetDefinitionNames.Setup + ".sql");
        if (File.Exists(setup)) sql[SetDefinitionNames.Setup] = File.ReadAllText(setup).ReplaceLineEndings("\n");
        return sql.ToImmutable();
    }

    private static string HistoryDigest(ImmutableArray<SourceDefinition> sources, SetFile.StepsEntry history, ImmutableSortedDictionary<string, string> sql)
    {
        IEnumerable<string> texts = sources.SelectMany(source => (string[])
            [source.Name, source.Path, $"{source.ByDay}", string.Join(',', source.Unique), source.FirstBy ?? "", .. source.Rejects.SelectMany(reject => (string[])[reject.Reason, reject.When])]);
        return Digest(
        [
            .. texts, .. history.Reads.Select(read => $"{read.Key}={read.Value}"), .. history.Steps.SelectMany(step => (string[])[step, sql[step]]),
            string.Join(',', history.Keep), sql.GetValueOrDefault(SetDefinitionNames.Setup, ""),
        ]);
    }

    private static string Digest(IEnumerable<string> texts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', texts))));

    private static bool IsName(string name) =>
        name.Length > 0 && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    /// <summary>YamlDotNet's message, without the names of our types.</summary>
    private static string Plain(string message)
    {
        int type = message.IndexOf(" not found on type", StringComparison.Ordinal);
        return type < 0 ? message : $"{message[..type].Replace("Property", "key", StringComparison.Ordinal)} is not known";
    }

    private FeatureException Wrong(string problem) => new($"{_path}: {problem}");
}

/// <summary>Names that a set's folder gives a meaning.</summary>
internal static class SetDefinitionNames
{
    /// <summary>A SQL file that is run first, for macros.</summary>
    public const string Setup = "setup";
}
