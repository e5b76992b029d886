using System.Text;

namespace Juoku.Forest.Reading;

/// <summary>What stands before the first tree of a model text.</summary>
internal sealed record Header
{
    /// <summary>Version of the text format: 2, 3 or 4.</summary>
    public required int Version { get; init; }

    /// <summary>Trees an iteration: one for each output.</summary>
    public required int OutputCount { get; init; }

    public required string[] FeatureNames { get; init; }

    /// <summary>Greatest category that training saw of each feature; −1 for features that are numeric or were not used.</summary>
    public required int[] GreatestCategories { get; init; }

    public required Objective Objective { get; init; }

    public required bool AveragesOutput { get; init; }

    /// <summary>Bytes of each tree block as the writer counted them; null when the text does not say.</summary>
    public required int[]? TreeSizes { get; init; }

    /// <summary>Line of the tree sizes.</summary>
    public required int TreeSizesLine { get; init; }
}

/// <summary>
/// Reads the header of a model text. A field this reader does not know is refused by name: the format has grown fields that change
/// scores without a new version number (linear trees came that way), so what is unknown cannot be taken as harmless.
/// </summary>
internal static class HeaderReader
{
    private static readonly FieldNames Names = new(
        "version", "num_class", "num_tree_per_iteration", "max_feature_idx", "objective", "average_output", "feature_names", "feature_infos", "tree_sizes",
        "label_index", "monotone_constraints");

    // In the order of the names.
    private enum Key
    {
        Version,
        Classes,
        TreesPerIteration,
        MaxFeature,
        Objective,
        AverageOutput,
        FeatureNames,
        FeatureInfos,
        TreeSizes,
    }

    /// <summary>Reads up to the first tree; <paramref name="lines"/> then stands on that tree's first line.</summary>
    public static Header Read(ReadOnlySpan<byte> text, ref LineReader lines, string source)
    {
        if (!lines.NextFilled()) throw new ModelFormatException(source, 0, "the model is empty; copy it again or save it again with LightGBM.");
        if (!lines.Current.SequenceEqual("tree"u8))
        {
            string begin = Field.Shown(lines.Current);
            throw new ModelFormatException(
                source, lines.Line, $"not a LightGBM text model: it begins with '{begin}', not with 'tree'; give the file that save_model wrote.");
        }

        var fields = new FieldTable(text, Names, stackalloc int[3 * Names.Count], source, tree: -1, lines.Line);
        while (true)
        {
            if (!lines.NextFilled()) throw fields.Fault(lines.Line, $"is not followed by trees: {Remedy.Cut}");
            ReadOnlySpan<byte> line = lines.Current;
            if (line.StartsWith("Tree="u8) || line.SequenceEqual(TreeBlocks.EndOfTrees)) break;

            int equals = line.IndexOf((byte)'=');
            ReadOnlySpan<byte> name = equals < 0 ? line : line[..equals];
            int key = Names.IndexOf(name);
            if (key < 0) throw fields.Fault(lines.Line, $"has the unknown field '{Field.Shown(name)}': {Remedy.Unknown}");
            fields.Add(key, lines);
        }

        int version = Version(fields);
        int outputs = fields[(int)Key.TreesPerIteration].Int(1);
        Field classes = fields[(int)Key.Classes];
        if (classes.Int(1) != outputs) throw classes.Fault($"is {classes.Int(1)}, but num_tree_per_iteration is {outputs}");

        string[] names = FeatureNames(fields);
        int[]? sizes = null;
        if (fields.Has((int)Key.TreeSizes))
        {
            Field field = fields[(int)Key.TreeSizes];
            sizes = field.Ints(NumberReader.CountTokens(field.Value));
        }

        return new Header
        {
            Version = version,
            OutputCount = outputs,
            FeatureNames = names,
            GreatestCategories = GreatestCategories(fields[(int)Key.FeatureInfos], names.Length),
            Objective = fields.Has((int)Key.Objective) ? ObjectiveReader.Read(fields[(int)Key.Objective], outputs) : Objective.Identity,
            AveragesOutput = fields.Has((int)Key.AverageOutput),
            TreeSizes = sizes,
            TreeSizesLine = sizes is null ? 0 : fields[(int)Key.TreeSizes].Line,
        };
    }

    private static int Version(FieldTable fields)
    {
        if (!fields.Has((int)Key.Version)) throw fields.Fault(1, "has no version: models of LightGBM before 2.1 are not supported; train the model again");
        Field version = fields[(int)Key.Version];
        return version.Value switch
        {
            [(byte)'v', (byte)'2'] => 2,
            [(byte)'v', (byte)'3'] => 3,
            [(byte)'v', (byte)'4'] => 4,
            _ => throw version.Fault($"is '{Field.Shown(version.Value)}', not v2, v3 or v4", Remedy.Unknown),
        };
    }

    private static string[] FeatureNames(FieldTable fields)
    {
        Field field = fields[(int)Key.FeatureNames];
        string[] names = Encoding.UTF8.GetString(field.Value).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int greatest = fields[(int)Key.MaxFeature].Int(0);
        return names.Length - 1 == greatest ? names : throw field.Fault($"has {names.Length} names, but max_feature_idx is {greatest}");
    }

    /// <summary>
    /// A feature's info is <c>none</c>, <c>[least:greatest]</c> or, for a categorical feature, its categories between colons.
    /// </summary>
    private static int[] GreatestCategories(Field infos, int features)
    {
        int[] greatest = new int[features];
        ReadOnlySpan<byte> rest = infos.Value;
        for (int i = 0; i < features; i++)
        {
            if (!NumberReader.TryToken(ref rest, out ReadOnlySpan<byte> info)) throw infos.Fault($"describes {i} of {features} features");
            greatest[i] = -1;
            if (info[0] == '[' || info.SequenceEqual("none"u8)) continue;
            foreach (Range category in info.Split((byte)':'))
            {
                if (!NumberReader.TryInt(info[category], out int code))
                    throw infos.Fault($"describes feature {i} as '{Field.Shown(info)}', neither none, nor a range, nor categories");
                greatest[i] = Math.Max(greatest[i], code);
            }
        }

        return NumberReader.TryToken(ref rest, out _) ? throw infos.Fault($"describes more than {features} features") : greatest;
    }
}
