using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Juoku.Forest.Reading;

/// <summary>
/// Reads LightGBM text models: header, trees, what stands behind them. The text is walked once for its structure; the trees,
/// nearly all of it, are then parsed where they lie, on all cores when there is enough of them.
/// </summary>
/// <remarks>
/// A text is read exactly as LightGBM 4 reads it or not at all: whatever is cut, edited, unknown or out of range is a <see cref="ModelFormatException"/>.
/// </remarks>
internal static class ModelReader
{
    // Below this, starting the other threads costs more than they save.
    private const int LeastParallelBytes = 1 << 20;

    /// <summary>Reads the UTF-8 text of a model; <paramref name="source"/> names it in errors.</summary>
    /// <exception cref="ModelFormatException">The text is not a model this version can score exactly.</exception>
    public static Ensemble Read(ReadOnlySpan<byte> utf8, string source)
    {
        var lines = new LineReader(utf8, utf8.StartsWith("\uFEFF"u8) ? "\uFEFF"u8.Length : 0);
        Header header = HeaderReader.Read(utf8, ref lines, source);
        List<TreeBlock> blocks = TreeBlocks.Find(utf8, ref lines, header, source);
        ImmutableArray<CategoryMap> maps = TailReader.ReadCategoryMaps(ref lines, header, source);
        return new Ensemble
        {
            Trees = ReadTrees(utf8, blocks, header.FeatureNames.Length, source),
            FeatureNames = ImmutableCollectionsMarshal.AsImmutableArray(header.FeatureNames),
            OutputCount = header.OutputCount,
            Objective = header.Objective,
            AveragesOutput = header.AveragesOutput,
            CategoryMaps = maps,
        };
    }

    private static unsafe ImmutableArray<Tree> ReadTrees(ReadOnlySpan<byte> utf8, List<TreeBlock> blocks, int features, string source)
    {
        var trees = new Tree[blocks.Count];
        if (utf8.Length < LeastParallelBytes)
        {
            for (int i = 0; i < trees.Length; i++) trees[i] = TreeReader.Read(utf8, blocks[i], i, features, source);
            return ImmutableCollectionsMarshal.AsImmutableArray(trees);
        }

        var faults = new ModelFormatException?[trees.Length];
        fixed (byte* pinned = utf8)
        {
            // A lambda cannot hold a span or a pinned pointer, but the text stays pinned until every tree is read.
            nint text = (nint)pinned;
            int length = utf8.Length;
            Parallel.For(0, trees.Length, (i, loop) =>
            {
                try
                {
                    trees[i] = TreeReader.Read(new ReadOnlySpan<byte>((void*)text, length), blocks[i], i, features, source);
                }
                catch (ModelFormatException fault)
                {
                    faults[i] = fault;
                    loop.Break();
                }
            });
        }

        // After a break every tree before it was read: the first fault is the same whichever thread was faster.
        if (faults.FirstOrDefault(fault => fault is not null) is { } first) ExceptionDispatchInfo.Throw(first);
        return ImmutableCollectionsMarshal.AsImmutableArray(trees);
    }
}
