namespace Juoku.Learning.Generation;

/// <summary>A day's ads, ready to be drawn: by traffic among all, or among those of a category.</summary>
internal sealed class AdDay
{
    private readonly Shown[] _ads;
    private readonly AliasTable _all;
    private readonly (AliasTable Draw, int[] Ads)?[] _byCategory;

    public AdDay(Ad[] ads, int day, double[] drift)
    {
        _ads = [.. ads.Select(ad => new Shown(ad.Id, ad.Category, ad.Size, (float)(ad.Appeal + drift[ad.Category] - ad.Wear * Math.Log(1 + day - ad.FirstDay))))];
        _all = new AliasTable([.. ads.Select(ad => ad.Traffic)]);
        _byCategory = [.. Enumerable.Range(0, Vocabulary.Categories.Count).Select(category => Among(ads, category))];
    }

    /// <summary>An ad as it is today.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Category">Its category.</param>
    /// <param name="Size">Its size.</param>
    /// <param name="Appeal">Log odds that it brings, worn and drifted.</param>
    public readonly record struct Shown(int Id, byte Category, byte Size, float Appeal);

    public ref readonly Shown Any(SeededRandom random) => ref _ads[_all.Next(random)];

    /// <summary>An ad of a category, or any where none is on show.</summary>
    public ref readonly Shown Of(byte category, SeededRandom random)
    {
        if (_byCategory[category] is not { } some) return ref Any(random);
        return ref _ads[some.Ads[some.Draw.Next(random)]];
    }

    private static (AliasTable, int[])? Among(Ad[] ads, int category)
    {
        int[] members = [.. Enumerable.Range(0, ads.Length).Where(i => ads[i].Category == category)];
        return members.Length == 0 ? null : (new AliasTable([.. members.Select(i => ads[i].Traffic)]), members);
    }
}
