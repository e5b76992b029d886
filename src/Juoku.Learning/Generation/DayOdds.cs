namespace Juoku.Learning.Generation;

/// <summary>Chances of a click on one day, from tables that are summed: person, ad, site, place on the page, hour, and how they suit each other.</summary>
internal sealed class DayOdds
{
    private readonly float[] _time;
    private readonly float[] _site;
    private readonly float[] _position;
    private readonly float[] _genderCategory;
    private readonly float[] _ageCategory;
    private readonly float[] _deviceSize;
    private readonly float[] _interest;
    private readonly float _onTopic;

    public DayOdds(ClickEffects effects, DayOfWeek weekday)
    {
        int devices = Vocabulary.Devices.Count;
        _time = [.. from hour in Enumerable.Range(0, 24) from device in Enumerable.Range(0, devices) select (float)ClickEffects.Time(weekday, hour, device)];
        _site = Floats(effects.Site);
        _position = Floats(effects.Position);
        _genderCategory = Floats(effects.GenderCategory);
        _ageCategory = Floats(effects.AgeCategory);
        _deviceSize = Floats(effects.DeviceSize);
        _interest = Floats(effects.Interest);
        _onTopic = (float)effects.OnTopic;
    }

    /// <summary>The probability that an impression is clicked.</summary>
    /// <param name="person">Who sees it.</param>
    /// <param name="ad">What is shown.</param>
    /// <param name="site">Where; a code in <see cref="Vocabulary.Sites"/>.</param>
    /// <param name="position">Place on the page, from 0.</param>
    /// <param name="hour">Hour of the day.</param>
    public double Probability(in Person person, in AdDay.Shown ad, int site, int position, int hour)
    {
        int categories = Vocabulary.Categories.Count;
        float logit = _time[hour * Vocabulary.Devices.Count + person.Device] + person.Appetite + ad.Appeal + _site[site] + _position[position]
            + _interest[person.Interest(ad.Category)]
            + _genderCategory[person.Gender * categories + ad.Category]
            + _ageCategory[person.AgeBand * categories + ad.Category]
            + _deviceSize[person.Device * Vocabulary.Sizes.Count + ad.Size]
            + (site % categories == ad.Category ? _onTopic : 0);
        return 1 / (1 + Math.Exp(-logit));
    }

    private static float[] Floats(double[] values) => [.. values.Select(value => (float)value)];
}
