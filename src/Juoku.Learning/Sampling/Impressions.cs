using System.Collections.Immutable;
using Juoku.Learning.Generation;

namespace Juoku.Learning.Sampling;

/// <summary>
/// Ad impressions from a seed: where and when an ad was shown, to whom, and whether it was clicked. The chance of a click follows from
/// the columns and a little from what no column tells, as in life.
/// </summary>
internal sealed class Impressions
{
    private static readonly ImmutableArray<string> Topics = ["news", "weather", "football", "recipes", "travel", "cinema", "gardens", "chess", "trains", "music"];
    private static readonly ImmutableArray<string> Places = ["daily", "city", "home", "world"];
    private static readonly ImmutableArray<string> Devices = ["phone", "desktop", "tablet", "tv"];
    private static readonly ImmutableArray<string> Formats = ["banner", "native", "video"];
    private static readonly ImmutableArray<string> Regions = ["hokkaido", "tohoku", "kanto", "chubu", "kansai", "chugoku", "shikoku", "kyushu", "okinawa"];
    private static readonly ImmutableArray<string> Sites = [.. from place in Places from topic in Topics select $"{place}-{topic}.example"];

    private Impressions(int rows)
    {
        Id = new IdColumn("impression_id", rows);
        Clicked = new IntegerColumn("clicked", rows);
        Site = new CategoryColumn("site", rows, Sites);
        Device = new CategoryColumn("device", rows, Devices);
        Region = new CategoryColumn("region", rows, Regions);
        Format = new CategoryColumn("ad_format", rows, Formats);
        Hour = new IntegerColumn("hour", rows);
        Weekday = new IntegerColumn("weekday", rows);
        Position = new IntegerColumn("position", rows);
        UserImpressions = new IntegerColumn("user_impressions_7d", rows);
        UserRate = new NumberColumn("user_ctr_7d", rows);
        AdRate = new NumberColumn("ad_ctr_30d", rows);
        AdAge = new IntegerColumn("ad_age_days", rows);
        SinceVisit = new NumberColumn("minutes_since_last_visit", rows);
        PageRead = new NumberColumn("page_read_share", rows);
        Price = new NumberColumn("price_yen", rows);
        Features = [Site, Device, Region, Format, Hour, Weekday, Position, UserImpressions, UserRate, AdRate, AdAge, SinceVisit, PageRead, Price];
    }

    /// <summary>Key of a row.</summary>
    public IdColumn Id { get; }

    /// <summary>Label of a row: 1 for a click, else 0.</summary>
    public IntegerColumn Clicked { get; }

    /// <summary>What a model may look at, in the order of its features.</summary>
    public ImmutableArray<SampleColumn> Features { get; }

    /// <summary>All columns, in the order of files.</summary>
    public ImmutableArray<SampleColumn> Columns => [Id, .. Features, Clicked];

    /// <summary>Number of rows.</summary>
    public int Count => Id.Values.Length;

    private CategoryColumn Site { get; }

    private CategoryColumn Device { get; }

    private CategoryColumn Region { get; }

    private CategoryColumn Format { get; }

    private IntegerColumn Hour { get; }

    private IntegerColumn Weekday { get; }

    private IntegerColumn Position { get; }

    private IntegerColumn UserImpressions { get; }

    private NumberColumn UserRate { get; }

    private NumberColumn AdRate { get; }

    private IntegerColumn AdAge { get; }

    private NumberColumn SinceVisit { get; }

    private NumberColumn PageRead { get; }

    private NumberColumn Price { get; }

    /// <summary>Generates rows.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="seed">Seed of the world: which sites, devices and hours get clicks.</param>
    /// <param name="part">Each part of a world has rows of its own, under ids of its own.</param>
    public static Impressions Generate(int rows, ulong seed, int part)
    {
        var impressions = new Impressions(rows);
        var world = new World(new SeededRandom(seed));
        var random = new SeededRandom(seed, stream: 1 + (ulong)part);
        for (int row = 0; row < rows; row++)
        {
            impressions.Id.Values[row] = part * 1_000_000_000L + row + 1;
            double logit = impressions.Fill(row, world, random);
            impressions.Clicked.Values[row] = random.NextBool(1 / (1 + Math.Exp(-logit))) ? 1 : 0;
        }

        return impressions;
    }

    /// <summary>Draws one row; returns the log odds of a click.</summary>
    private double Fill(int row, World world, SeededRandom random)
    {
        int site = Site.Codes[row] = world.SiteTraffic.Next(random);
        int device = Device.Codes[row] = world.DeviceTraffic.Next(random);
        int region = Region.Codes[row] = world.RegionTraffic.Next(random);
        int format = Format.Codes[row] = random.NextInt(Formats.Length);
        int hour = Hour.Values[row] = ((int)Math.Round(20 + 4.5 * random.NextNormal()) % 24 + 24) % 24;
        Weekday.Values[row] = random.NextInt(7);
        int position = Position.Values[row] = 1 + (int)(5 * Math.Pow(random.NextDouble(), 1.5));

        double taste = random.NextNormal();
        int seen = UserImpressions.Values[row] = (int)Math.Exp(2.2 + 1.1 * random.NextNormal());
        double clicks = Math.Floor(seen / (1 + Math.Exp(3 - 0.9 * taste)) + random.NextDouble());
        UserRate.Values[row] = Math.Round((clicks + 0.6) / (seen + 20), 5);

        double appeal = random.NextNormal();
        AdRate.Values[row] = Math.Round(1 / (1 + Math.Exp(3.2 - 0.6 * appeal)), 5);
        int age = AdAge.Values[row] = (int)Math.Exp(2 + 0.9 * random.NextNormal());
        bool isNew = random.NextBool(0.25);
        double visit = 4.5 + 1.6 * random.NextNormal();
        SinceVisit.Values[row] = isNew ? double.NaN : Math.Round(Math.Exp(visit), 1);
        double read = PageRead.Values[row] = Math.Round(Math.Sqrt(random.NextDouble()), 3);
        bool isProduct = random.NextBool(0.6);
        double price = 7.5 + 1.2 * random.NextNormal();
        Price.Values[row] = isProduct ? Math.Round(Math.Exp(price)) : 0;

        return -3.3
            + world.SiteEffect[site] + world.RegionEffect[region] + world.FormatOnDevice[format * Devices.Length + device]
            + 0.7 * taste + 0.6 * appeal - 0.35 * (position - 1) + 0.25 * Math.Cos((hour - 21) * Math.PI / 12)
            - 0.15 * Math.Log(1 + age) + 0.8 * read * (device == 0 ? 1 : 0.4)
            + (isNew ? -0.3 : -0.08 * (visit - 4.5)) + (isProduct ? -0.2 * (price - 7.5) : 0)
            + 0.3 * random.NextNormal();
    }

    /// <summary>What is true of the sites, devices and formats, whatever rows are drawn.</summary>
    private sealed class World(SeededRandom random)
    {
        public ZipfDistribution SiteTraffic { get; } = new(Sites.Length, 1.1);

        public ZipfDistribution DeviceTraffic { get; } = new(Devices.Length, 1.3);

        public ZipfDistribution RegionTraffic { get; } = new(Regions.Length, 0.8);

        public double[] SiteEffect { get; } = Effects(random, Sites.Length, 0.5);

        public double[] RegionEffect { get; } = Effects(random, Regions.Length, 0.15);

        public double[] FormatOnDevice { get; } = Effects(random, Formats.Length * Devices.Length, 0.35);

        private static double[] Effects(SeededRandom random, int count, double spread) => [.. Enumerable.Range(0, count).Select(_ => spread * random.NextNormal())];
    }
}
