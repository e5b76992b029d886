using Juoku.Forest.Packing;

namespace Juoku.Forest.Emitting;

/// <summary>The selections of all trees of a forest as machine code.</summary>
internal sealed unsafe class EmittedSelections
{
    private readonly ExecutableMemory _memory;
    private readonly int[] _entries;

    private EmittedSelections(ExecutableMemory memory, int[] entries)
    {
        _memory = memory;
        _entries = entries;
    }

    /// <summary>Emits the code; null where the system does not allow it.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="ops">Their selections.</param>
    /// <param name="scratch">Offset of the first row that holds intermediate planes.</param>
    public static EmittedSelections? TryEmit(PackedTree[] trees, ReadOnlySpan<MuxOp> ops, int scratch)
    {
        var writer = new EvexWriter();
        var emitter = new SelectionEmitter(writer, scratch);
        var entries = new int[trees.Length];
        for (int i = 0; i < trees.Length; i++)
        {
            PackedTree tree = trees[i];
            PlaneOffsets planes = tree.PlaneRows;
            entries[i] = emitter.Emit(ops.Slice(tree.FirstOp, tree.OpCount), ((ReadOnlySpan<int>)planes)[..tree.Planes]);
        }

        return ExecutableMemory.TryMap(writer.ToArray()) is { } memory ? new EmittedSelections(memory, entries) : null;
    }

    /// <summary>Runs the selections of one tree on a workspace's bit rows.</summary>
    public void Run(int tree, byte* rows) =>
        ((delegate* unmanaged[SuppressGCTransition]<byte*, void>)(_memory.Start + _entries[tree]))(rows);
}
