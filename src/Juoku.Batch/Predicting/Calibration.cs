using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Juoku.Batch.Tables;
using Juoku.Forest;

namespace Juoku.Batch.Predicting;

/// <summary>
/// What is done to a probability after the model: steps, each monotone, from the file <c>model.calibration.json</c> that lies beside
/// <c>model.txt</c>. The file holds numbers in their shortest exact form, so it is read back to the bit. Immutable; used by many threads at a time.
/// </summary>
public sealed class Calibration
{
    private static readonly CalibrationJson Json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    });

    /// <summary>Makes a calibration of steps in the order they are applied.</summary>
    /// <exception cref="ArgumentException">A step is not monotone or leads out of 0 … 1.</exception>
    public Calibration(ImmutableArray<CalibrationStep> steps)
    {
        if (steps.IsDefault) throw new ArgumentException("there are no steps");
        foreach (CalibrationStep step in steps) step.Validate();
        Steps = steps;
    }

    /// <summary>The steps, in the order they are applied.</summary>
    public ImmutableArray<CalibrationStep> Steps { get; }

    /// <summary>Where the calibration of a model lies.</summary>
    public static string PathBeside(string modelPath) => Path.ChangeExtension(modelPath, ".calibration.json");

    /// <summary>The calibration that lies beside a model; null where there is none.</summary>
    /// <exception cref="TableException">The file is not a calibration, or the model gives no probabilities.</exception>
    public static Calibration? LoadBeside(string modelPath, ForestModel model)
    {
        string path = PathBeside(modelPath);
        if (!File.Exists(path)) return null;
        return model.Ensemble.Objective.Transform == OutputTransform.Sigmoid
            ? Parse(File.ReadAllBytes(path), path)
            : throw new TableException(path, "calibrates probabilities, which this model does not give; is it the file of another model? --no-calibration goes without it");
    }

    /// <summary>Reads a calibration.</summary>
    /// <param name="json">Content of the file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="TableException">It is not a calibration.</exception>
    public static Calibration Parse(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            CalibrationFile file = JsonSerializer.Deserialize(json, Json.CalibrationFile) ?? throw new JsonException("it says null");
            return new Calibration(file.Steps);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NotSupportedException)
        {
            throw new TableException(name, $"not a calibration ({e.Message}); train the model again, or predict with --no-calibration", e);
        }
    }

    /// <summary>The content of the file.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(new CalibrationFile(Steps), Json.CalibrationFile), (byte)'\n'];

    /// <summary>Calibrates probabilities in place; NaN stays NaN.</summary>
    public void Apply(Span<double> probabilities)
    {
        foreach (CalibrationStep step in Steps) step.Apply(probabilities);
    }
}

/// <summary>The file of a calibration.</summary>
/// <param name="Steps">The steps.</param>
internal sealed record CalibrationFile(ImmutableArray<CalibrationStep> Steps);

[JsonSerializable(typeof(CalibrationFile))]
internal sealed partial class CalibrationJson : JsonSerializerContext;
