namespace Juoku.Scaling.Prices;

/// <summary>Instances to choose from.</summary>
/// <param name="AsOf">The day the prices are of, as its file says.</param>
/// <param name="Instances">The instances, in the file's order.</param>
public sealed record PriceTable(string AsOf, IReadOnlyList<InstancePrice> Instances)
{
    /// <summary>The text of <c>prices.yaml</c> that comes with Juoku: examples, to be edited.</summary>
    public static string ExampleYaml()
    {
        using Stream stream = typeof(PriceTable).Assembly.GetManifestResourceStream("prices.yaml")
            ?? throw new InvalidOperationException("The price table is missing from the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
