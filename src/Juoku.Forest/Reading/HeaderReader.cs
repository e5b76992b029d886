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
    private const int Absent = -1;

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
        LabelIndex,
        MonotoneConstraints,
        Count,
    }

    /// <summary>Reads up to the first tree; <paramref name="lines"/> then stands on that tree's first line.</summary>
    public static Header Read(ReadOnlySpan<byte> text, ref LineReader lines, string source)
    {
        if (!lines.NextFilled()) throw new ModelFormatException(source, 0, "the model is empty; copy it again or save it again with LightGBM.");
        if (!lines.Current.SequenceEqual("tree"u8))
            throw new ModelFormatException(source, lines.Line, $"not a LightGBM text model: it begins with '{Field.Shown(lines.Current)}' where 'tree' is expected; give the file that LightGBM's save_model wrote.");

        Span<int> starts = stackalloc int[(int)Key.Count];
        Span<int> lengths = stackalloc int[(int)Key.Count];
        Span<int> numbers = stackalloc int[(int)Key.Count];
        starts.Fill(Absent);
        while (true)
        {
            if (!lines.NextFilled()) throw new ModelFormatException(source, lines.Line, "the model ends before its first tree: it was cut; copy it again or save it again with LightGBM.");
            ReadOnlySpan<byte> line = lines.Current;
            if (line.StartsWith("Tree="u8) || line.SequenceEqual(TreeBlocks.EndOfTrees)) break;

            int equals = line.IndexOf((byte)'=');
            ReadOnlySpan<byte> name = equals < 0 ? line : line[..equals];
            int key = (int)KeyOf(name);
            if (key == (int)Key.Count)
                throw new ModelFormatException(source, lines.Line, $"header field '{Field.Shown(name)}' is not known, so its meaning for scores is not either; save the model with LightGBM 2.1 to 4.");
            if (starts[key] != Absent) throw new ModelFormatException(source, lines.Line, $"{Field.Shown(name)} appears twice: the model was edited; save it again with LightGBM.");
            starts[key] = lines.Start + (equals < 0 ? name.Length : equals + 1);
            lengths[key] = equals < 0 ? 0 : line.Length - equals - 1;
            numbers[key] = lines.Line;
        }

        Fields fields = new(text, starts, lengths, numbers, source);
        int version = Version(fields);
        int outputs = fields.Required(Key.TreesPerIteration).Int(1);
        Field classes = fields.Required(Key.Classes);
        if (classes.Int(1) != outputs) throw classes.Fault($"is {classes.Text}, but num_tree_per_iteration is {outputs}: such models are not supported");

        string[] names = Names(fields, out Field infos);
        Field sizes = fields.Optional(Key.TreeSizes);
        return new Header
        {
            Version = version,
            OutputCount = outputs,
            FeatureNames = names,
            GreatestCategories = GreatestCategories(infos, names.Length),
            Objective = starts[(int)Key.Objective] == Absent ? Objective.Identity : ObjectiveReader.Read(fields.Required(Key.Objective), outputs),
            AveragesOutput = starts[(int)Key.AverageOutput] != Absent,
            TreeSizes = starts[(int)Key.TreeSizes] == Absent ? null : sizes.Ints(NumberReader.CountTokens(sizes.Value)),
            TreeSizesLine = sizes.Line,
        };
    }

    private static int Version(Fields fields)
    {
        Field version = fields.Optional(Key.Version);
        if (version.Line == 0) throw fields.Fault("the header has no version: models of LightGBM before 2.1 are not supported; load and save the model with LightGBM 2.1 or later, or train it again");
        return version.Value switch
        {
            [(byte)'v', (byte)'2'] => 2,
            [(byte)'v', (byte)'3'] => 3,
            [(byte)'v', (byte)'4'] => 4,
            _ => throw version.Fault($"is '{Field.Shown(version.Value)}': only v2, v3 and v4 are supported; save the model with LightGBM 2.1 to 4"),
        };
    }

    private static string[] Names(Fields fields, out Field infos)
    {
        Field names = fields.Required(Key.FeatureNames);
        string[] split = Encoding.UTF8.GetString(names.Value).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Field greatest = fields.Required(Key.MaxFeature);
        int count = greatest.Int(0);
        if (split.Length - 1 != count) throw names.Fault($"has {split.Length} names, but max_feature_idx is {count}: the model was edited; save it again with LightGBM");
        infos = fields.Required(Key.FeatureInfos);
        return split;
    }

    /// <summary>A feature's info is <c>none</c>, <c>[least:greatest]</c> or, for a categorical feature, its categories between colons.</summary>
    private static int[] GreatestCategories(Field infos, int features)
    {
        int[] greatest = new int[features];
        ReadOnlySpan<byte> rest = infos.Value;
        for (int i = 0; i < features; i++)
        {
            if (!NumberReader.TryToken(ref rest, out ReadOnlySpan<byte> info)) throw infos.Fault($"describes {i} of {features} features: the model was cut or edited; save it again with LightGBM");
            greatest[i] = -1;
            if (info[0] == '[' || info.SequenceEqual("none"u8)) continue;
            foreach (Range category in info.Split((byte)':'))
            {
                if (!NumberReader.TryInt(info[category], out int code))
                    throw infos.Fault($"describes feature {i} as '{Field.Shown(info)}', neither none, nor a range, nor categories: the model was cut or edited; save it again with LightGBM");
                greatest[i] = Math.Max(greatest[i], code);
            }
        }

        return NumberReader.TryToken(ref rest, out _) ? throw infos.Fault($"describes more than {features} features: the model was edited; save it again with LightGBM") : greatest;
    }

    private static Key KeyOf(ReadOnlySpan<byte> name)
    {
        for (Key key = 0; key < Key.Count; key++)
            if (name.SequenceEqual(NameOf(key))) return key;
        return Key.Count;
    }

    private static ReadOnlySpan<byte> NameOf(Key key) => key switch
    {
        Key.Version => "version"u8,
        Key.Classes => "num_class"u8,
        Key.TreesPerIteration => "num_tree_per_iteration"u8,
        Key.MaxFeature => "max_feature_idx"u8,
        Key.Objective => "objective"u8,
        Key.AverageOutput => "average_output"u8,
        Key.FeatureNames => "feature_names"u8,
        Key.FeatureInfos => "feature_infos"u8,
        Key.TreeSizes => "tree_sizes"u8,
        Key.LabelIndex => "label_index"u8,
        _ => "monotone_constraints"u8,
    };

    private readonly ref struct Fields(ReadOnlySpan<byte> text, ReadOnlySpan<int> starts, ReadOnlySpan<int> lengths, ReadOnlySpan<int> lines, string source)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private readonly ReadOnlySpan<int> _starts = starts;
        private readonly ReadOnlySpan<int> _lengths = lengths;
        private readonly ReadOnlySpan<int> _lines = lines;

        public Field Optional(Key key) => _starts[(int)key] == Absent
            ? default
            : new Field(source, _lines[(int)key], Encoding.UTF8.GetString(NameOf(key)), _text.Slice(_starts[(int)key], _lengths[(int)key]));

        public Field Required(Key key) => _starts[(int)key] == Absent
            ? throw Fault($"the header has no {Encoding.UTF8.GetString(NameOf(key))}: the model was cut or edited; save it again with LightGBM")
            : Optional(key);

        public ModelFormatException Fault(string problem) => new(source, 1, problem + ".");
    }
}
