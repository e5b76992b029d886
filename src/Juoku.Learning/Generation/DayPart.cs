namespace Juoku.Learning.Generation;

/// <summary>Some hours of a day: one file of impressions, drawn in batches. Every hour has a random stream of its own.</summary>
internal sealed class DayPart
{
    /// <summary>Rows of a row group, as DuckDB likes them.</summary>
    public const int BatchRows = 122_880;

    private const long Second = 1_000_000;
    private const long Hour = 3_600 * Second;
    private const long Day = 24 * Hour;

    // Of 2^32: what happens to a row besides being logged.
    private const uint CorruptBelow = 430_000; // 1 in 10,000
    private const uint RepeatBelow = CorruptBelow + 6_450_000; // 1.5 in 1,000

    private readonly AdWorld _world;
    private readonly int _day;
    private readonly long _midnight;
    private readonly AdDay _ads;
    private readonly DayOdds _odds;
    private readonly ImpressionRows _rows;
    private readonly List<Click> _clicks = [];
    private long _nextId;

    public DayPart(AdWorld world, int day, int firstHour, ImpressionRows rows)
    {
        (_world, _day, _rows) = (world, day, rows);
        DateOnly date = world.Options.Start.AddDays(day);
        long days = date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        _midnight = days * Day;
        _ads = world.AdsOn(day);
        _odds = new DayOdds(world.Effects, date.DayOfWeek);
        // A day's ids begin anew, so that every hour knows its own: 20753 days since 1970, then a number within the day.
        _nextId = days * 10_000_000_000 + 1 + Enumerable.Range(0, firstHour).Sum(hour => (long)world.ImpressionsIn(day, hour));
    }

    /// <summary>All clicks so far, in order of their impressions.</summary>
    public List<Click> Clicks => _clicks;

    /// <summary>The first microsecond of the next day: what arrives later is in its log.</summary>
    public long End => _midnight + Day;

    /// <summary>Draws an hour; calls <paramref name="full"/> whenever the batch is full.</summary>
    public void Draw(int hour, Action full, CancellationToken cancellation)
    {
        var random = new SeededRandom(_world.Options.Seed, Streams.Hours + (ulong)(_day * 24 + hour));
        int count = _world.ImpressionsIn(_day, hour);
        long start = _midnight + hour * Hour;
        double step = (double)Hour / count;
        for (int i = 0; i < count; i++)
        {
            if (_rows.Count + 2 > _rows.Capacity)
            {
                cancellation.ThrowIfCancellationRequested();
                full();
            }

            DrawOne(random, start + (long)((i + random.NextDouble()) * step), hour);
        }
    }

    private void DrawOne(SeededRandom random, long time, int hour)
    {
        ulong dice = random.NextBits();
        int user = _world.People.Activity.Next(random);
        ref readonly Person person = ref _world.People[user];
        // A quarter of the ads are chosen for the person's main interest.
        ref readonly AdDay.Shown ad = ref (dice & 3) == 0 ? ref _ads.Of(person.First, random) : ref _ads.Any(random);
        int site = _world.Sites.Next(random);
        int position = (int)(((dice >> 8) & 0xFFFF) * 5 >> 16);

        ImpressionRows rows = _rows;
        int row = rows.Count++;
        long id = rows.Id[row] = _nextId++;
        rows.Time[row] = time;
        rows.User[row] = user + 1;
        rows.UserPresent[row] = ImpressionRows.Present;
        rows.Ad[row] = ad.Id;
        rows.Site[row] = site;
        rows.SitePresent[row] = ImpressionRows.Present;
        rows.Position[row] = position + 1;

        double probability = _odds.Probability(person, ad, site, position, hour);
        bool clicked = random.NextDouble() < probability;
        uint fate = (uint)(dice >> 32);
        if (fate < CorruptBelow)
        {
            rows.Corrupt((int)(fate % 5));
            return;
        }

        int truth = rows.TruthCount++;
        rows.TruthId[truth] = id;
        rows.Probability[truth] = probability;
        if (clicked) AddClick(random, new Click(id, user + 1, ad.Id, time, 0));
        if (fate < RepeatBelow) rows.Repeat(Math.Max(0, row - (int)(fate % 64)));
    }

    private void AddClick(SeededRandom random, Click seen)
    {
        long clicked = seen.Time + Second + (long)(-12 * Second * Math.Log(1 - random.NextDouble()));
        bool late = random.NextBool(0.03);
        long delay = late ? (long)(random.NextDouble() * Day) : (long)(-40 * Second * Math.Log(1 - random.NextDouble()));
        Click click = seen with { Time = clicked, Arrived = Math.Min(clicked + delay, End + Day - 1) };
        _clicks.Add(click);
        int fate = random.NextInt(5_000);
        if (fate < 25) _clicks.Add(click with { Arrived = Math.Min(click.Arrived + 7 * Second, End + Day - 1) });
        else if (fate == 25) _clicks.Add(click with { Impression = 0 });
        else if (fate == 26) _clicks.Add(click with { Time = 0 });
    }
}
