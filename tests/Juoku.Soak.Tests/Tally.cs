namespace Juoku.Soak.Tests;

/// <summary>Counts by name.</summary>
internal sealed class Tally
{
    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    public int Sum => Counts.Values.Sum();

    public void Add(string name, int count = 1)
    {
        lock (Counts) Counts[name] = Counts.GetValueOrDefault(name) + count;
    }

    public void Add(Tally other)
    {
        foreach ((string name, int count) in other.Counts) Add(name, count);
    }

    public override string ToString() => Counts.Count == 0 ? "none" : string.Join(", ", Counts.Select(count => $"{count.Key} {count.Value}"));
}
