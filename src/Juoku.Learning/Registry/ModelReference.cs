using System.Globalization;
using System.Text.RegularExpressions;
using Juoku.Batch.Predicting;

namespace Juoku.Learning.Registry;

/// <summary>
/// How a model is named: <c>ctr/12</c> is a version for ever, <c>ctr@champion</c> the one that an alias names at the moment, <c>ctr@latest</c>
/// the newest. <c>ctr</c> alone is <c>ctr@champion</c>.
/// </summary>
public sealed partial record ModelReference
{
    /// <summary>The alias of the version in production.</summary>
    public const string Champion = "champion";

    /// <summary>Names the newest version; it moves by itself and cannot be set.</summary>
    public const string Latest = "latest";

    private ModelReference(string name, int? version, string? alias) => (Name, Version, Alias) = (name, version, alias);

    /// <summary>Name of the model.</summary>
    public string Name { get; }

    /// <summary>The version; null where an alias is named.</summary>
    public int? Version { get; }

    /// <summary>The alias; null where a version is named.</summary>
    public string? Alias { get; }

    /// <summary>Names a version.</summary>
    public static ModelReference To(string name, int version) => new(name, version, null);

    /// <summary>Reads a reference; null when the text is none.</summary>
    public static ModelReference? TryParse(string text)
    {
        Match match = Pattern().Match(text);
        if (!match.Success) return null;
        string name = match.Groups["name"].Value;
        if (match.Groups["alias"] is { Success: true, Value: var alias }) return new ModelReference(name, null, alias);
        if (match.Groups["version"] is not { Success: true, Value: var digits }) return new ModelReference(name, null, Champion);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int version) ? new ModelReference(name, version, null) : null;
    }

    /// <summary>Reads a reference.</summary>
    /// <exception cref="UsageException">The text is none.</exception>
    public static ModelReference Parse(string text) => TryParse(text) ?? throw new UsageException($"'{text}' names no model; write ctr, ctr/12 or ctr@champion");

    /// <summary>Refuses what is no name of a model or alias.</summary>
    /// <param name="name">The name.</param>
    /// <param name="what">What it is to be the name of.</param>
    /// <exception cref="UsageException">It is none.</exception>
    public static void RefuseBadName(string name, string what)
    {
        if (!NamePattern().IsMatch(name)) throw new UsageException($"'{name}' is no name of {what}: use a-z, 0-9 and -, beginning with a letter, 63 at most");
    }

    /// <inheritdoc/>
    public override string ToString() => Alias is null ? $"{Name}/{Version}" : $"{Name}@{Alias}";

    // No dots: a file that is not there ("model.txt") must not be taken for a model.
    [GeneratedRegex(@"^(?<name>[a-z][a-z0-9-]{0,62})(/(?<version>[1-9][0-9]*)|@(?<alias>[a-z][a-z0-9-]{0,62}))?\z")]
    private static partial Regex Pattern();

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,62}\z")]
    private static partial Regex NamePattern();
}
