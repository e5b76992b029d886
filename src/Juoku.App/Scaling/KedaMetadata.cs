using Juoku.App.Configuration;
using Juoku.Batch.Runs;
using Juoku.Scaling;
using Juoku.Scaling.Keda;

namespace Juoku.App.Scaling;

/// <summary>
/// The metadata of a ScaledObject's trigger is one more layer over the scaler's own settings: <c>queue</c>, <c>store</c> and the keys of the section
/// <c>scaling</c>, checked as those of a file are; and <c>run</c>. A key that ends in <c>FromEnv</c> counts as the one it is made of, since KEDA passes the
/// variable's value on under that name.
/// </summary>
/// <param name="settings">The scaler's own settings.</param>
internal sealed class KedaMetadata(EffectiveSettings settings)
{
    private const string FromVariable = "FromEnv";

    /// <summary>What KEDA itself reads and passes on all the same.</summary>
    private static readonly HashSet<string> KedasOwn = new(StringComparer.OrdinalIgnoreCase)
    {
        "scalerAddress", "enableTLS", "unsafeSsl", "caCert", "tlsCertFile", "tlsClientCert", "tlsClientKey",
    };

    /// <summary>Reads it.</summary>
    /// <exception cref="KedaMetadataException">It is wrong.</exception>
    public KedaTrigger Read(string target, IReadOnlyDictionary<string, string> metadata)
    {
        string? run = null;
        var layer = new List<SetValue>();
        foreach ((string written, string value) in metadata)
        {
            string key = written.EndsWith(FromVariable, StringComparison.Ordinal) ? written[..^FromVariable.Length] : written;
            if (KedasOwn.Contains(key)) continue;
            if (key == "run") run = RunKeys.IsRunName(value) ? value : throw new KedaMetadataException(target, $"run: '{value}' cannot be the name of a run; 'juoku run list' shows those there are");
            else layer.Add(new SetValue(key is "queue" or "store" ? key : $"scaling:{key}", value, written));
        }

        try
        {
            Settings values = settings.With(layer).Values;
            values.Scaling.Limits();
            return new KedaTrigger(target, values.Queue, values.Store, run, values.Scaling);
        }
        catch (Exception e) when (e is SettingsException or ScalingException)
        {
            throw new KedaMetadataException(target, e.Message);
        }
    }
}
