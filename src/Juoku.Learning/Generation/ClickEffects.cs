namespace Juoku.Learning.Generation;

/// <summary>What raises and lowers the log odds of a click, apart from the person and the ad themselves.</summary>
internal sealed class ClickEffects
{
    private const double Base = -5.05;

    public ClickEffects(ulong seed)
    {
        var random = new SeededRandom(seed, Streams.Effects);
        int categories = Vocabulary.Categories.Count;
        Region = Normal(random, Vocabulary.Regions.Count, 0.1);
        Carrier = Normal(random, Vocabulary.Carriers.Count, 0.08);
        Device = Normal(random, Vocabulary.Devices.Count, 0.15);
        Category = Normal(random, categories, 0.25);
        GenderCategory = Normal(random, Vocabulary.Genders.Count * categories, 0.2);
        AgeCategory = Normal(random, Population.AgeBands * categories, 0.15);
        DeviceSize = Normal(random, Vocabulary.Devices.Count * Vocabulary.Sizes.Count, 0.25);
        Site = Normal(random, Vocabulary.Sites.Count, 0.4);
    }

    public double[] Region { get; }

    public double[] Carrier { get; }

    public double[] Device { get; }

    public double[] Category { get; }

    /// <summary>By interest: none, third, second, first.</summary>
    public double[] Interest { get; } = [0, 0.4, 0.8, 1.2];

    public double[] GenderCategory { get; }

    public double[] AgeCategory { get; }

    public double[] DeviceSize { get; }

    public double[] Site { get; }

    /// <summary>By place on the page, from the top.</summary>
    public double[] Position { get; } = [0.45, 0.1, -0.2, -0.45, -0.65];

    /// <summary>An ad among articles on its own subject.</summary>
    public double OnTopic => 0.35;

    /// <summary>What an hour of a weekday adds, by device: phones in the evening, desktops at work.</summary>
    public static double Time(DayOfWeek day, int hour, int device)
    {
        bool weekend = day is DayOfWeek.Saturday or DayOfWeek.Sunday;
        double peak = device == 2 ? (weekend ? 16 : 13) : 21;
        return Base + (weekend ? 0.12 : 0) + (day == DayOfWeek.Friday ? 0.06 : 0) + 0.22 * Math.Cos((hour - peak) * Math.PI / 12);
    }

    private static double[] Normal(SeededRandom random, int count, double deviation)
    {
        var effects = new double[count];
        for (int i = 0; i < count; i++) effects[i] = deviation * random.NextNormal();
        return effects;
    }
}
