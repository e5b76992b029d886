using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Juoku.Batch.Runs;

/// <summary>
/// The name of a run: its day and a digest of all that its output is a function of (model, input versions, place, settings). Whoever asks
/// for the same again names the same run; deadline and thresholds do not count.
/// </summary>
internal static class RunIdentity
{
    /// <summary>The name that a plan gets.</summary>
    public static string Of(RunPlan plan)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length)); // so that no two lists of texts run together into the same bytes
            hash.AppendData(bytes);
        }

        foreach (var file in plan.Model.Files.OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            Add(file.Name);
            Add(file.Sha256);
        }

        foreach (StoreLocation place in (StoreLocation[])[plan.Input, plan.Output]) Add($"{place.Store}\n{place.Prefix}\n{place.File}");
        Add(JsonSerializer.Serialize(plan.Settings, RunJson.Default.RunSettings));
        foreach (RunInput input in plan.Inputs)
        {
            Add(input.Key);
            Add(input.Length.ToString(CultureInfo.InvariantCulture));
            Add(input.ETag);
        }

        return $"{(plan.Day is null ? "run" : $"dt-{plan.Day}")}-{Convert.ToHexStringLower(hash.GetHashAndReset())[..12]}";
    }

    /// <summary>Digest of the settings and thresholds of a plan.</summary>
    public static string ConfigDigest(RunSettings settings, GateThresholds gate) => Convert.ToHexStringLower(SHA256.HashData(
    [
        .. JsonSerializer.SerializeToUtf8Bytes(settings, RunJson.Default.RunSettings),
        .. JsonSerializer.SerializeToUtf8Bytes(gate, RunJson.Default.GateThresholds),
    ]));
}
