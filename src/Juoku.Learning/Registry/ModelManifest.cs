using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Juoku.Batch.Models;
using Juoku.Learning.Features;

namespace Juoku.Learning.Registry;

/// <summary>
/// Where a model comes from and what it is: <c>models/‹name›/‹version›/manifest.json</c>. It is put last and only if absent, and so makes the
/// version exist; nothing of a version changes afterwards. Who registers a model gives a draft, which the registry completes with
/// version, time and files.
/// </summary>
public sealed record ModelManifest
{
    /// <summary>Name of the model, such as <c>ctr</c>.</summary>
    public required string Name { get; init; }

    /// <summary>1, 2, 3 …; given by the registry.</summary>
    [JsonRequired]
    public int Version { get; init; }

    /// <summary>When it was registered; given by the registry.</summary>
    [JsonRequired]
    public DateTimeOffset Created { get; init; }

    /// <summary>The version's other files, given by the registry; <c>model.txt</c> is one of them.</summary>
    [JsonRequired]
    public ImmutableArray<ModelFile> Files { get; init; } = [];

    /// <summary>What people call it: <c>ctr/12</c>.</summary>
    [JsonIgnore]
    public string Reference => $"{Name}/{Version}";

    /// <summary>SHA-256 of <c>model.txt</c>, in hexadecimal.</summary>
    [JsonIgnore]
    public string Digest => Files.Single(file => file.Name == PinnedModel.ModelFile).Sha256;

    /// <summary>The text that <c>manifest.json</c> has.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, RegistryJson.Readable.ModelManifest);

    /// <summary>The code that trained it; null for an imported model.</summary>
    public CodeSource? Code { get; init; }

    /// <summary>The data it was trained on; null for an imported model.</summary>
    public TrainingData? Data { get; init; }

    /// <summary>All LightGBM parameters, as given.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>SHA-256 of the training configuration.</summary>
    public string? ConfigDigest { get; init; }

    /// <summary>Features, in the model's order.</summary>
    public ImmutableArray<FeatureColumn> Features { get; init; } = [];

    /// <summary>Measured on the held-out days at training: <c>auc</c>, <c>log_loss</c>, <c>normalized_entropy</c>, <c>calibration</c> …</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>The version whose training this one continued, such as <c>ctr/11</c>.</summary>
    public string? Parent { get; init; }

    /// <summary>Where an imported model comes from: its file, or the version it was exported from; null for a trained one.</summary>
    public string? Origin { get; init; }

    /// <summary>Versions of LightGBM and Juoku.</summary>
    public ImmutableSortedDictionary<string, string> Versions { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>A file of a model version.</summary>
/// <param name="Name">Name within the version's folder: <c>model.txt</c>, <c>model.categories.json</c>, <c>model.calibration.json</c>, <c>report.html</c> …</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Digest of the bytes, in hexadecimal.</param>
public sealed record ModelFile(string Name, long Length, string Sha256);

/// <summary>The code that trained a model.</summary>
/// <param name="Commit">Git commit; null when the code was not in a repository.</param>
/// <param name="Dirty">Whether there were changes beyond the commit.</param>
/// <param name="Repository">Where the commit is to be found: the origin's URL, without credentials.</param>
public sealed record CodeSource(string? Commit, bool Dirty, string? Repository);

/// <summary>The data a model was trained on.</summary>
/// <param name="Store">Store that holds it.</param>
/// <param name="Set">Feature set.</param>
/// <param name="From">First training day.</param>
/// <param name="To">Last training day.</param>
/// <param name="ValidFrom">First held-out day.</param>
/// <param name="ValidTo">Last held-out day.</param>
/// <param name="Rows">Rows trained on.</param>
/// <param name="Digest">SHA-256 over the digests of the days' part files, in order.</param>
/// <param name="NegativeRate">Share of rows without click that had been kept.</param>
/// <param name="JudgedFrom">First held-out day that the metrics were measured on, where the days before it ended the training; null for the first one.</param>
public sealed record TrainingData(
    string Store, string Set, DateOnly From, DateOnly To, DateOnly ValidFrom, DateOnly ValidTo, long Rows, string Digest, double NegativeRate, DateOnly? JudgedFrom = null)
{
    /// <summary>First day that the metrics were measured on; the last one is <see cref="ValidTo"/>.</summary>
    [JsonIgnore]
    public DateOnly MeasuredFrom => JudgedFrom ?? ValidFrom;
}
