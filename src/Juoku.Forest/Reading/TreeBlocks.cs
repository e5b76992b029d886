namespace Juoku.Forest.Reading;

/// <summary>Where one tree stands in the text.</summary>
/// <param name="Start">Offset of its <c>Tree=</c> line.</param>
/// <param name="End">Offset after its last byte.</param>
/// <param name="Line">Number of its <c>Tree=</c> line.</param>
internal readonly record struct TreeBlock(int Start, int End, int Line);

/// <summary>
/// Finds the trees of a model text by its structure: from one <c>Tree=</c> line to the next. LightGBM itself cuts the text by the
/// header's <c>tree_sizes</c> and misreads a model whose sizes are stale, so sizes that disagree with the structure are an error here; no size is ever believed.
/// </summary>
internal static class TreeBlocks
{
    public static ReadOnlySpan<byte> EndOfTrees => "end of trees"u8;

    /// <summary>Finds all trees; <paramref name="lines"/> stands on the first one's line before, and on the line that ends them after.</summary>
    public static List<TreeBlock> Find(ReadOnlySpan<byte> text, ref LineReader lines, Header header, string source)
    {
        var blocks = new List<TreeBlock>(Math.Min(header.TreeSizes?.Length ?? 0, text.Length / 64));
        bool isMarked = false;
        bool isOld = false;
        do
        {
            ReadOnlySpan<byte> line = lines.Current;
            if (line.StartsWith("Tree="u8))
            {
                if (!NumberReader.TryInt(line["Tree="u8.Length..], out int number) || number != blocks.Count)
                    throw new ModelFormatException(
                        source, lines.Line, $"'{Field.Shown(line)}' stands where Tree={blocks.Count} is expected: {Remedy.Edited}.");
                Close(lines.Start);
                blocks.Add(new TreeBlock(lines.Start, 0, lines.Line));
            }
            else if (line.SequenceEqual(EndOfTrees))
            {
                isMarked = true;
            }
            else if (header.Version == 2 && line.SequenceEqual("feature importances:"u8))
            {
                // LightGBM 2.1 wrote no end mark, and from 2.2 on a forest's leaves hold raw scores where 2.1 had put predictions.
                if (header.AveragesOutput && header.Objective.Transform != OutputTransform.Identity)
                    throw new ModelFormatException(
                        source,
                        lines.Line,
                        "random forests of LightGBM 2.1, whose leaves hold predictions instead of raw scores, are not supported; train the model again.");
                isOld = true;
            }
        }
        while (!isMarked && !isOld && lines.Next());

        int end = isOld ? BeforeEmptyLine(text, lines.Start) : lines.Start;
        if (blocks.Count == 0)
            throw new ModelFormatException(
                source, lines.Line, "the model has no trees: it was saved before training; train it and save it again.");
        if (!isMarked && !isOld)
            throw new ModelFormatException(
                source, lines.Line, $"the model ends inside tree {blocks.Count - 1}, without 'end of trees': {Remedy.Cut}.");
        Close(end);
        CheckSizes(text, blocks, header, source);
        if (blocks.Count % header.OutputCount != 0)
            throw new ModelFormatException(
                source, lines.Line, $"the model has {blocks.Count} trees, not whole iterations of {header.OutputCount}: {Remedy.Edited}.");
        return blocks;

        void Close(int at)
        {
            if (blocks.Count > 0) blocks[^1] = blocks[^1] with { End = at };
        }
    }

    private static void CheckSizes(ReadOnlySpan<byte> text, List<TreeBlock> blocks, Header header, string source)
    {
        if (header.TreeSizes is not { } sizes) return;
        for (int i = 0; i < Math.Min(sizes.Length, blocks.Count); i++)
        {
            ReadOnlySpan<byte> block = text[blocks[i].Start..blocks[i].End];

            // A copy through Windows text mode adds a CR to each line that the sizes do not count.
            if (block.Length != sizes[i] && block.Length - block.Count((byte)'\r') != sizes[i])
                throw new ModelFormatException(
                    source,
                    blocks[i].Line,
                    $"tree {i} is {block.Length} bytes long, but tree_sizes says {sizes[i]}: {Remedy.Edited}, or delete the line tree_sizes to accept the edit.");
        }

        if (sizes.Length != blocks.Count)
            throw new ModelFormatException(
                source, header.TreeSizesLine, $"tree_sizes lists {sizes.Length} trees, but the model has {blocks.Count}: {Remedy.Edited}.");
    }

    private static int BeforeEmptyLine(ReadOnlySpan<byte> text, int at) =>
        at >= 2 && text[at - 1] == '\n' && text[at - 2] == '\r' ? at - 2 : at >= 1 && text[at - 1] == '\n' ? at - 1 : at;
}
