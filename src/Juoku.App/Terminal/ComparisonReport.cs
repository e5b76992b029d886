using System.Globalization;
using System.Text.Json;
using Juoku.Scaling.Simulation;

namespace Juoku.App.Terminal;

/// <summary>Prints a comparison of ways to scale.</summary>
internal static class ComparisonReport
{
    /// <summary>For people: one line a rule.</summary>
    public static void WriteText(Comparison comparison, TextWriter output)
    {
        void Line(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

        Line($"{comparison.Scenarios:N0} runs; the optimum meets the deadline of {comparison.Feasible:N0}, which are compared; it costs {comparison.OptimumOverWork:N2} times the work alone");
        output.WriteLine();
        Line($"{"policy",-10}{"in time",10}{"cost",10}{"finish",10}{"killed",10}{"turns",8}");
        foreach (RuleSummary rule in comparison.Rules)
            Line($"{rule.Name,-10}{rule.Met.ToString("0.0 %", CultureInfo.InvariantCulture),10}{rule.CostRatio.ToString("0.000", CultureInfo.InvariantCulture) + "×",10}{rule.MedianFinish?.ToString("0 %", CultureInfo.InvariantCulture) ?? "–",10}{rule.KilledBusy,10:N2}{rule.Turns,8:N2}");
        output.WriteLine();
        output.WriteLine("cost: of all runs over the optimum's; finish: median, of the deadline; killed: busy workers a run; turns: changes of direction a run");
    }

    /// <summary>For machines: one JSON object.</summary>
    public static void WriteJson(Comparison comparison)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("scenarios", comparison.Scenarios);
            json.WriteNumber("feasible", comparison.Feasible);
            json.WriteNumber("optimum_over_work", comparison.OptimumOverWork);
            json.WriteStartArray("policies");
            foreach (RuleSummary rule in comparison.Rules)
            {
                json.WriteStartObject();
                json.WriteString("name", rule.Name);
                json.WriteNumber("met", rule.Met);
                json.WriteNumber("cost_ratio", rule.CostRatio);
                json.WriteNumber("mean_cost_ratio", rule.MeanCostRatio);
                if (rule.MedianFinish is { } finish) json.WriteNumber("median_finish", finish);
                json.WriteNumber("killed_busy", rule.KilledBusy);
                json.WriteNumber("turns", rule.Turns);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }
}
