namespace Juoku.Learning.Generation;

/// <summary>
/// A world of people, sites and ads in which the chance of every click is known. What it depends on can nearly all be learnt from the
/// logs: a good model comes close to the truth, and how close can be measured.
/// </summary>
internal sealed class AdWorld
{
    private const double DailyDrift = 0.012;

    private static readonly double[] HourShare =
        [1.6, 1.0, 0.7, 0.5, 0.5, 0.9, 2.0, 3.6, 4.4, 4.2, 4.3, 4.8, 6.0, 5.2, 4.6, 4.5, 4.6, 5.2, 6.0, 6.8, 7.6, 8.0, 6.6, 3.9];

    private readonly double[][] _drift;

    public AdWorld(WorldOptions options)
    {
        Options = options;
        Effects = new ClickEffects(options.Seed);
        People = Population.Create(options.Users, options.Seed, Effects);
        Ads = AdCalendar.Create(options, Effects);
        Sites = new AliasTable([.. Enumerable.Range(1, Vocabulary.Sites.Count).Select(rank => Math.Pow(rank, -0.9))]);
        _drift = Walk(options);
    }

    public WorldOptions Options { get; }

    public ClickEffects Effects { get; }

    public Population People { get; }

    public AdCalendar Ads { get; }

    /// <summary>Where the next impression is shown.</summary>
    public AliasTable Sites { get; }

    /// <summary>The ads of a day, as they are on it.</summary>
    public AdDay AdsOn(int day) => new(Ads.OnShow(day), day, _drift[day]);

    /// <summary>Impressions of an hour; weekends are busier.</summary>
    public int ImpressionsIn(int day, int hour)
    {
        DayOfWeek weekday = Options.Start.AddDays(day).DayOfWeek;
        double ofDay = weekday is DayOfWeek.Saturday or DayOfWeek.Sunday ? 1.1 : 0.96;
        return Math.Max(1, (int)Math.Round(Options.DailyImpressions * ofDay * HourShare[hour] / HourShare.Sum()));
    }

    /// <summary>How far each category's appeal has wandered by each day.</summary>
    private static double[][] Walk(WorldOptions options)
    {
        var random = new SeededRandom(options.Seed, Streams.Drift);
        var now = new double[Vocabulary.Categories.Count];
        var days = new double[options.Days][];
        for (int day = 0; day < days.Length; day++)
        {
            for (int i = 0; i < now.Length; i++) now[i] += DailyDrift * random.NextNormal();
            days[day] = [.. now];
        }

        return days;
    }
}
