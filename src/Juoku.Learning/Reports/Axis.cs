using System.Collections.Immutable;
using System.Globalization;

namespace Juoku.Learning.Reports;

/// <summary>A range of values and where its ticks are.</summary>
/// <param name="From">Lower end.</param>
/// <param name="To">Upper end.</param>
/// <param name="IsLogarithmic">Whether equal ratios are equally far apart.</param>
/// <param name="Ticks">Values that bear a tick.</param>
/// <param name="Title">What it shows.</param>
internal sealed record Axis(double From, double To, bool IsLogarithmic, ImmutableArray<double> Ticks, string Title)
{
    /// <summary>From 0 to a round value.</summary>
    public static Axis Linear(double to, string title)
    {
        if (!(to > 0) || !double.IsFinite(to)) to = 1;
        double step = Math.Pow(10, Math.Floor(Math.Log10(to / 4)));
        double ratio = to / 4 / step;
        step *= ratio > 5.01 ? 10 : ratio > 2.51 ? 5 : ratio > 2.01 ? 2.5 : ratio > 1.01 ? 2 : 1;
        int count = (int)Math.Ceiling(to / step - 1e-9);
        return new Axis(0, count * step, false, [.. Enumerable.Range(0, count + 1).Select(i => i * step)], title);
    }

    /// <summary>From one positive value to another.</summary>
    public static Axis Logarithmic(double from, double to, string title)
    {
        var ticks = ImmutableArray.CreateBuilder<double>();
        bool isShort = to / from < 200;
        for (int power = (int)Math.Floor(Math.Log10(from)); power <= (int)Math.Ceiling(Math.Log10(to)); power++)
        {
            foreach (int digit in isShort ? (int[])[1, 2, 5] : [1])
            {
                double tick = digit * Math.Pow(10, power);
                if (tick >= from * 0.999 && tick <= to * 1.001) ticks.Add(tick);
            }
        }

        return new Axis(from, to, true, ticks.ToImmutable(), title);
    }

    /// <summary>0 at the lower end, 1 at the upper.</summary>
    public double Place(double value) => IsLogarithmic
        ? Math.Log(Math.Max(value, From) / From) / Math.Log(To / From)
        : (value - From) / (To - From);

    /// <summary>A probability or a share, in per cent.</summary>
    public static string Percent(double share) =>
        (share * 100).ToString(Math.Abs(share) < 1e-4 ? "0.####" : "0.##", CultureInfo.InvariantCulture) + "%";
}
