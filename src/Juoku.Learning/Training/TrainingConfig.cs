using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Juoku.Batch.Predicting;
using Juoku.Learning.LightGbm;

namespace Juoku.Learning.Training;

/// <summary>How a model is trained: what <c>train.yaml</c> says. Everything has a default, so there need be no file.</summary>
public sealed record TrainingConfig
{
    /// <summary>
    /// LightGBM's parameters that Juoku sets where the configuration does not: small trees and strong shrinkage, as suits rare clicks and
    /// features that are smoothed rates.
    /// </summary>
    public static ImmutableSortedDictionary<string, string> DefaultParameters { get; } = new Dictionary<string, string>
    {
        ["objective"] = "binary",
        ["learning_rate"] = "0.08",
        ["num_leaves"] = "15",
        ["max_bin"] = "63",
        ["feature_fraction"] = "0.3",
        ["lambda_l2"] = "20",
        ["cat_smooth"] = "200",
        ["cat_l2"] = "50",

        // Clicks are rare: what a leaf needs is clicks, not rows, and the hessian p (1 - p) counts about those.
        ["min_sum_hessian_in_leaf"] = "20",
        ["seed"] = "1",
        ["deterministic"] = "true",
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>LightGBM's parameters; any of them.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Most boosting iterations.</summary>
    public int Rounds { get; init; } = 1_000;

    /// <summary>Iterations without a better validation metric after which training ends; 0 for never.</summary>
    public int EarlyStopping { get; init; } = 30;

    /// <summary>Last days that are held out.</summary>
    public int ValidDays { get; init; } = 2;

    /// <summary>Whether rows count as many as their weight says. Without, the down-sampling of rows without click is undone after the model.</summary>
    public bool Weights { get; init; } = true;

    /// <summary>How probabilities are recalibrated when that helps.</summary>
    public CalibrationChoice Calibration { get; init; } = CalibrationChoice.Auto;

    /// <summary>How categories get codes.</summary>
    public CategoryConfig Categories { get; init; } = new();

    /// <summary>Features of the set that the model does without.</summary>
    public ImmutableArray<string> Exclude { get; init; } = [];

    /// <summary>The configuration as it is in force, for the registry: the same text for the same training.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, TrainingConfigJson.Readable.TrainingConfig), (byte)'\n'];

    /// <summary>SHA-256 of <see cref="ToJson"/>.</summary>
    public string Digest() => Convert.ToHexStringLower(SHA256.HashData(ToJson()));

    /// <summary>
    /// This configuration with LightGBM's main names, Juoku's defaults, and the number of iterations where it belongs; refuses what LightGBM does not know.
    /// </summary>
    /// <exception cref="UsageException">A parameter is unknown, or is Juoku's own to set.</exception>
    public TrainingConfig Normalized()
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in DefaultParameters) parameters[name] = value;
        foreach ((string name, string value) in Parameters)
        {
            string main = ParameterNames.MainNameOf(name) ?? throw Unknown(name);
            if (OwnParameters.TryGetValue(main, out string? instead)) throw new UsageException($"parameters: {name} is not yours to set; {instead}");
            parameters[main] = value;
        }

        TrainingConfig config = this;
        if (parameters.Remove("num_iterations", out string? rounds)) config = config with { Rounds = Whole("num_iterations", rounds) };
        if (parameters.Remove("early_stopping_round", out string? patience)) config = config with { EarlyStopping = Math.Max(0, Whole("early_stopping_round", patience)) };
        string objective = parameters["objective"];
        if (objective is not ("binary" or "cross_entropy" or "xentropy"))
            throw new UsageException($"parameters: objective {objective} gives no click probability; use binary or cross_entropy");
        parameters.TryAdd("metric", objective == "binary" ? "binary_logloss" : "cross_entropy");

        // Histograms by column are summed by one thread each, so the model does not depend on how many there are.
        if (parameters["deterministic"] is "true" or "1" or "+" && !parameters.ContainsKey("force_row_wise")) parameters.TryAdd("force_col_wise", "true");
        if (config.Rounds < 1) throw new UsageException($"rounds: {config.Rounds}: at least one is needed");
        if (config.ValidDays < 1) throw new UsageException($"valid days: {config.ValidDays}: at least one day must be held out");
        if (config.Categories.Most < 1) throw new UsageException($"categories: most: {config.Categories.Most}: at least one is needed");
        return config with { Parameters = parameters.ToImmutableSortedDictionary(StringComparer.Ordinal) };
    }

    /// <summary>Whether training may stop early: dart changes the trees it has, so an earlier iteration cannot be gone back to.</summary>
    [JsonIgnore]
    public bool CanStopEarly => EarlyStopping > 0 && Parameters.GetValueOrDefault("boosting") != "dart";

    private static readonly ImmutableSortedDictionary<string, string> OwnParameters = new Dictionary<string, string>
    {
        ["num_threads"] = "use --threads",
        ["task"] = "juoku train trains",
        ["data"] = "use --set, --from and --to",
        ["valid"] = "use valid_days",
        ["input_model"] = "use --parent",
        ["output_model"] = "use --name",
        ["categorical_feature"] = "the feature set's manifest tells the categorical features",
        ["ignore_column"] = "use exclude",
        ["label_column"] = "the feature set's manifest tells the label",
        ["weight_column"] = "the feature set's manifest tells the weight",
        ["header"] = "features come as Parquet",
        ["config"] = "write all parameters into the file that --config names",
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static UsageException Unknown(string name)
    {
        IReadOnlyList<string> close = CloseNames.Of(name, ParameterNames.All);
        return new UsageException($"parameters: LightGBM has no parameter '{name}'{(close.Count > 0 ? $" (close: {string.Join(", ", close)})" : "")}");
    }

    private static int Whole(string name, string text) => int.TryParse(text, CultureInfo.InvariantCulture, out int value)
        ? value
        : throw new UsageException($"parameters: {name}: '{text}' is no whole number");
}

/// <summary>How categories get codes: by how often they occur in the training days, the most frequent first.</summary>
public sealed record CategoryConfig
{
    /// <summary>Rows that a value must have to be a category; others are missing.</summary>
    public int MinimumCount { get; init; } = 20;

    /// <summary>Most categories of a feature.</summary>
    public int Most { get; init; } = 10_000;
}

/// <summary>How probabilities are recalibrated.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CalibrationChoice>))]
public enum CalibrationChoice
{
    /// <summary>Whichever of the two does better on held-out days, or neither.</summary>
    Auto,

    /// <summary>Not at all.</summary>
    None,

    /// <summary>Isotonic regression, when it helps.</summary>
    Isotonic,

    /// <summary>Platt's scaling, when it helps.</summary>
    Platt,
}

[JsonSerializable(typeof(TrainingConfig))]
internal sealed partial class TrainingConfigJson : JsonSerializerContext
{
    public static TrainingConfigJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    });
}
