using System.Globalization;
using Juoku.Scaling;
using Juoku.Scaling.Prices;

namespace Juoku.App.Configuration;

/// <summary>Reads a table of instances and their prices from YAML.</summary>
internal static class PriceFile
{
    private static readonly string[] Keys = ["name", "vcpu", "memory_gb", "on_demand", "spot", "speed"];

    /// <summary>The table in a file, or the one that comes with Juoku.</summary>
    /// <exception cref="ScalingException">A value is missing, unknown or out of range; the message names it.</exception>
    public static PriceTable Read(string? path)
    {
        using TextReader reader = path is null ? new StringReader(PriceTable.ExampleYaml()) : new StreamReader(path);
        string name = path ?? "prices.yaml";
        var instances = new SortedDictionary<int, Dictionary<string, SetValue>>();
        string asOf = "an unknown day";
        foreach (SetValue value in YamlFile.Read(reader, name))
        {
            string[] keys = value.Key.Split(':');
            if (value.Key == "as_of") asOf = value.Value;
            else if (keys is ["instances", var index, var key] && int.TryParse(index, out int i) && Keys.Contains(key))
            {
                if (!instances.TryGetValue(i, out Dictionary<string, SetValue>? instance)) instances[i] = instance = [];
                instance[key] = value;
            }
            else throw new ScalingException($"{value.Origin}: '{value.Key}' is not part of a price table; an instance has {string.Join(", ", Keys)}");
        }

        if (instances.Count == 0) throw new ScalingException($"{name}: no instances");
        return new(asOf, [.. instances.Select(instance => ToInstance(instance.Value, $"{name}, instance {instance.Key + 1}"))]);
    }

    private static InstancePrice ToInstance(Dictionary<string, SetValue> values, string where)
    {
        return new()
        {
            Name = values.TryGetValue("name", out SetValue? name) ? name.Value : throw new ScalingException($"{where}: has no name"),
            Vcpu = (int)Number("vcpu") is var vcpu and >= 1 ? vcpu : throw new ScalingException($"{values["vcpu"].Origin}: an instance has at least 1 vcpu"),
            MemoryGb = Number("memory_gb"),
            OnDemand = Number("on_demand"),
            Spot = values.ContainsKey("spot") ? Number("spot") : null,
            Speed = values.ContainsKey("speed") ? Number("speed") : 1,
        };

        double Number(string key)
        {
            if (!values.TryGetValue(key, out SetValue? value)) throw new ScalingException($"{where}: has no {key}");
            return double.TryParse(value.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number > 0 && double.IsFinite(number)
                ? number : throw new ScalingException($"{value.Origin}: {key} is '{value.Value}'; write a number above 0");
        }
    }
}
