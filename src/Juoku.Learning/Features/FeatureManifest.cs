using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Juoku.Learning.Features;

/// <summary>
/// What a day of a feature set is: <c>features/‹set›/dt=‹day›/_manifest.json</c>, written after the part files and before <c>_SUCCESS</c>.
/// Training, evaluation and drift reports read what the columns mean from it.
/// </summary>
public sealed record FeatureManifest
{
    /// <summary>Name of the feature set.</summary>
    public required string Set { get; init; }

    /// <summary>The day, in the time zone of the logs (UTC).</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Columns of the part files, in order.</summary>
    public required ImmutableArray<FeatureColumn> Columns { get; init; }

    /// <summary>The part files, in order.</summary>
    public required ImmutableArray<FeatureFile> Files { get; init; }

    /// <summary>Rows of all files.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows that were clicked; null where the set has no label.</summary>
    public long? Clicks { get; init; }

    /// <summary>Share of the rows without click that was kept, 1 for all; each kept one carries the weight 1 / rate.</summary>
    public double NegativeRate { get; init; } = 1;

    /// <summary>Rows set aside under <c>rejects/</c>, by reason.</summary>
    public ImmutableSortedDictionary<string, long> Rejects { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Rows that a log held again, left out.</summary>
    public long Duplicates { get; init; }

    /// <summary>SHA-256 of the SQL and YAML that define the set.</summary>
    public required string DefinitionDigest { get; init; }

    /// <summary>The log files that were read, with their ETags.</summary>
    public ImmutableArray<SourceFile> Sources { get; init; } = [];
}

/// <summary>A column of a feature set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Type">What its values mean; features only.</param>
/// <param name="Breakdown">Reports are broken down by it too, whatever its role.</param>
public sealed record FeatureColumn(string Name, ColumnRole Role, FeatureType? Type = null, bool Breakdown = false);

/// <summary>What a column of a feature set is for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ColumnRole>))]
public enum ColumnRole
{
    /// <summary>An input of the model.</summary>
    Feature,

    /// <summary>Identifies the row; carried over to the predictions.</summary>
    Key,

    /// <summary>1 clicked, 0 not.</summary>
    Label,

    /// <summary>How many rows this one stands for.</summary>
    Weight,

    /// <summary>Neither learnt from nor a key: reports are broken down by it (advertiser, hour).</summary>
    Breakdown,
}

/// <summary>What the values of a feature mean.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FeatureType>))]
public enum FeatureType
{
    /// <summary>A number; missing where null or NaN.</summary>
    Numeric,

    /// <summary>A name without order: a string, or a whole number that is one.</summary>
    Categorical,
}

/// <summary>A part file of a feature set.</summary>
/// <param name="Name">Name within the day's folder.</param>
/// <param name="Rows">Rows it holds.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Digest of the bytes, in hexadecimal.</param>
public sealed record FeatureFile(string Name, long Rows, long Length, string Sha256);

/// <summary>A file that something was made from.</summary>
/// <param name="Key">Where it lay in the store.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ETag">The version that was read.</param>
public sealed record SourceFile(string Key, long Length, string ETag);
