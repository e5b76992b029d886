using System.Globalization;

namespace Juoku.Forest.Tests;

/// <summary>A model with rows and the scores that LightGBM gave them.</summary>
/// <param name="Model">Text of the model.</param>
/// <param name="Features">Values a row.</param>
/// <param name="Rows">Row-major values.</param>
/// <param name="Raw">Raw scores; empty when the case does not have them.</param>
/// <param name="Predictions">Predictions.</param>
internal sealed record VectorCase(byte[] Model, int Features, double[] Rows, double[] Raw, double[] Predictions)
{
    public int RowCount => Rows.Length / Features;
}

/// <summary>The test vectors that lie beside the repository; tests that use them are skipped where they are absent.</summary>
internal static class SharedVectors
{
    /// <summary>The folder, or null.</summary>
    public static string? Folder { get; } = Find("vectors");

    /// <summary>Names of all cases; one that stands for their absence when there are none, so that the run shows the skip.</summary>
    public static IReadOnlyList<string> Names { get; } = Folder is null ? ["(absent)"] : [.. ModelFiles(Folder)];

    /// <summary>A file or folder beside the repository's <c>shared</c> data; null where absent.</summary>
    public static string? Find(string name)
    {
        string path = Repository.Path("..", "shared", name);
        return Path.Exists(path) ? path : null;
    }

    public static VectorCase Load(string name)
    {
        Assert.SkipWhen(Folder is null, "../shared/vectors is absent");
        string folder = Path.Combine(Folder, Path.GetDirectoryName(name)!);
        string File(string file) => Path.Combine(folder, file);
        byte[] model = System.IO.File.ReadAllBytes(Path.Combine(Folder, name));
        switch (name)
        {
            case "peer-leaves/lgmulticlass.model":
                return Case(File("multiclass_test.tsv"), hasLabel: true, File("lgmulticlass_true_raw_predictions.txt"), File("lgmulticlass_true_predictions.txt"));
            case "peer-leaves/lg_dart_breast_cancer.model":
                return Case(File("breast_cancer_test.tsv"), hasLabel: false, raw: null, File("lg_dart_breast_cancer_true_predictions.txt"));
            case "peer-treelite/toy_categorical/toy_categorical_model.txt":
                return LibSvm(model, File("toy_categorical.test"), File("toy_categorical.test.pred"));
            default:
                return name.StartsWith("peer-lleaves/", StringComparison.Ordinal)
                    ? Case(File("model.rows.tsv"), hasLabel: false, File("model.raw_lgb470.txt"), File("model.pred_lgb470.txt"))
                    : Case(File("rows.tsv"), hasLabel: false, File("raw.txt"), File("prob.txt"));
        }

        VectorCase Case(string rows, bool hasLabel, string? raw, string predictions)
        {
            double[][] table = Table(rows);
            int features = table[0].Length - (hasLabel ? 1 : 0);
            return new VectorCase(model, features, [.. table.SelectMany(row => row.TakeLast(features))], raw is null ? [] : Flat(raw), Flat(predictions));
        }
    }

    private static IEnumerable<string> ModelFiles(string folder) => Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetFileName(file) is "model.txt" or "toy_categorical_model.txt" || file.EndsWith(".model", StringComparison.Ordinal))
        .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

    private static VectorCase LibSvm(byte[] model, string rows, string predictions)
    {
        // Both features stand on every line; the label, which comes first, is not needed.
        double[] values = [.. File.ReadLines(rows).SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)).Select(cell => Number(cell.Split(':')[1]))];
        double[] expected = Flat(predictions);
        return new VectorCase(model, values.Length / expected.Length, values, expected, expected);
    }

    private static double[][] Table(string file) =>
        [.. File.ReadLines(file).Where(line => line.Length > 0).Select(line => line.Split('\t').Select(Number).ToArray())];

    private static double[] Flat(string file) => [.. Table(file).SelectMany(row => row)];

    private static double Number(string text) => text switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
