namespace Juoku.Learning.Generation;

/// <summary>An ad.</summary>
/// <param name="Id">From 1 up, in order of first day.</param>
/// <param name="Advertiser">Who pays.</param>
/// <param name="Category">Code in <see cref="Vocabulary.Categories"/>.</param>
/// <param name="Size">Code in <see cref="Vocabulary.Sizes"/>.</param>
/// <param name="Bid">Yen for a thousand impressions.</param>
/// <param name="FirstDay">Day it was first shown, counted from the first of the world; the oldest are from before it.</param>
/// <param name="Appeal">Log odds that the ad brings when new.</param>
/// <param name="Wear">How quickly it is seen too often.</param>
/// <param name="Traffic">Weight among the ads on show.</param>
internal sealed record Ad(int Id, int Advertiser, byte Category, byte Size, double Bid, int FirstDay, double Appeal, double Wear, double Traffic);

/// <summary>Which ads are on show on which day. Every night one in thirty is taken down and another put up.</summary>
internal sealed class AdCalendar
{
    private const int OldestDays = 40;

    private readonly Ad[][] _days;

    private AdCalendar(Ad[][] days) => _days = days;

    /// <summary>The ads of a day, in order of their ids.</summary>
    public Ad[] OnShow(int day) => _days[day];

    public static AdCalendar Create(WorldOptions options, ClickEffects effects)
    {
        var random = new SeededRandom(options.Seed, Streams.Ads);
        int advertisers = Math.Max(1, options.Ads / 8);
        var appeal = new double[advertisers];
        var trade = new byte[advertisers];
        var categories = new ZipfDistribution(Vocabulary.Categories.Count, 0.5);
        for (int i = 0; i < advertisers; i++) (appeal[i], trade[i]) = (0.25 * random.NextNormal(), (byte)categories.Next(random));

        int id = 0;
        Ad Make(int firstDay)
        {
            int advertiser = random.NextInt(advertisers);
            byte category = random.NextBool(0.85) ? trade[advertiser] : (byte)categories.Next(random);
            byte size = (byte)random.NextInt(Vocabulary.Sizes.Count);
            double quality = effects.Category[category] + appeal[advertiser] + 0.3 * random.NextNormal();
            double bid = Math.Round(Math.Exp(5 + 0.5 * quality + 0.4 * random.NextNormal()), 1);
            return new Ad(++id, advertiser + 1, category, size, bid, firstDay, quality, 0.05 + 0.08 * random.NextDouble(), Math.Exp(random.NextNormal()));
        }

        int[] starts = [.. Enumerable.Range(0, options.Ads).Select(_ => -random.NextInt(OldestDays)).Order()];
        List<Ad> live = [.. starts.Select(Make)];
        var days = new Ad[options.Days][];
        for (int day = 0; day < options.Days; day++)
        {
            for (int change = day == 0 ? 0 : Math.Max(1, options.Ads / 30); change > 0; change--)
            {
                live.RemoveAt(random.NextInt(live.Count));
                live.Add(Make(day));
            }

            days[day] = [.. live];
        }

        return new AdCalendar(days);
    }
}
