using System.Globalization;
using System.Text.Json;
using Juoku.App.Configuration;
using Juoku.Scaling.Planning;
using Juoku.Scaling.Prices;

namespace Juoku.App.Terminal;

/// <summary>Prints a plan.</summary>
internal static class PlanReport
{
    /// <summary>For people: one line an instance, the best first.</summary>
    public static void WriteText(PlanRequest request, PriceTable prices, IReadOnlyList<RunPlan> plans, TextWriter output)
    {
        void Line(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

        Line($"{request.Records:N0} rows in {Duration.Format(request.Deadline)}, {request.RowsPerSecond:N0} rows/s a vCPU, workers of {request.PodVcpu} vCPU, parts of {request.RowsPerPart:N0} rows");
        Line($"prices are examples of {prices.AsOf}, {(request.Spot ? "spot" : "on demand")}; times from {plans[0].Runs} simulated runs each");
        output.WriteLine();
        Line($"{"instance",-18}{"pods",6}{"nodes",7}{"median",10}{"95 %",10}{"earliest",10}{"cost",10}  in time");
        foreach (RunPlan plan in plans)
            Line($"{plan.Instance.Name,-18}{plan.Pods,6:N0}{plan.Nodes,7:N0}{Time(plan.MedianSeconds),10}{Time(plan.P95Seconds),10}{Time(plan.EarliestSeconds),10}{"$" + plan.Cost.ToString("N2", CultureInfo.InvariantCulture),10}  {(plan.MeetsDeadline ? "yes" : "no")}");
    }

    /// <summary>Why no plan meets the deadline, in one line.</summary>
    public static string WhyNot(PlanRequest request, IReadOnlyList<RunPlan> plans)
    {
        RunPlan earliest = plans.MinBy(plan => plan.EarliestSeconds)!;
        return earliest.EarliestSeconds > request.Deadline.TotalSeconds
            ? $"juoku: {Duration.Format(request.Deadline)} cannot be met with up to {request.MaxPods} workers: the earliest possible finish is {Time(earliest.EarliestSeconds)}, on {earliest.Instance.Name}"
            : $"juoku: {Duration.Format(request.Deadline)} would be missed in more than 1 of 20 runs; the earliest possible finish is {Time(earliest.EarliestSeconds)}, on {earliest.Instance.Name}";
    }

    /// <summary>The course of a plan's median run.</summary>
    public static string Draw(PlanRequest request, RunPlan plan) => TimelineSvg.Draw(
        string.Create(CultureInfo.InvariantCulture, $"{request.Records:N0} rows in {Duration.Format(request.Deadline)}"),
        string.Create(CultureInfo.InvariantCulture, $"{plan.Pods} workers on {plan.Nodes} × {plan.Instance.Name}{(request.Spot ? ", spot" : "")}: done after {Time(plan.MedianSeconds)} (95 %: {Time(plan.P95Seconds)}), ${plan.Cost:N2}"),
        plan.Timeline,
        request.Deadline.TotalSeconds);

    /// <summary>For machines: one JSON object.</summary>
    public static void WriteJson(PlanRequest request, PriceTable prices, IReadOnlyList<RunPlan> plans)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("records", request.Records);
            json.WriteNumber("deadline_s", request.Deadline.TotalSeconds);
            json.WriteNumber("rows_per_s_per_vcpu", request.RowsPerSecond);
            json.WriteBoolean("spot", request.Spot);
            json.WriteString("prices_as_of", prices.AsOf);
            json.WriteStartArray("plans");
            foreach (RunPlan plan in plans)
            {
                json.WriteStartObject();
                json.WriteString("instance", plan.Instance.Name);
                json.WriteNumber("pods", plan.Pods);
                json.WriteNumber("nodes", plan.Nodes);
                WriteSeconds(json, "median_s", plan.MedianSeconds);
                WriteSeconds(json, "p95_s", plan.P95Seconds);
                WriteSeconds(json, "earliest_s", plan.EarliestSeconds);
                json.WriteNumber("cost", Math.Round(plan.Cost, 4));
                json.WriteBoolean("meets_deadline", plan.MeetsDeadline);
                json.WriteNumber("runs", plan.Runs);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private static void WriteSeconds(Utf8JsonWriter json, string name, double seconds)
    {
        if (double.IsFinite(seconds)) json.WriteNumber(name, Math.Round(seconds, 1));
        else json.WriteNull(name);
    }

    private static string Time(double seconds) => double.IsFinite(seconds) ? Duration.Format(TimeSpan.FromSeconds(Math.Max(1, Math.Round(seconds)))) : "never";
}
