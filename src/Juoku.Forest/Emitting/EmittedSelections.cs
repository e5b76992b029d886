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
    /// <param name="parts">The forest's trees, or parts of trees.</param>
    /// <param name="trees">The trees they are of, in the same order.</param>
    /// <param name="scratch">Offset of the first row that holds intermediate planes.</param>
    public static EmittedSelections? TryEmit(PackedTree[] parts, CompiledTree[] trees, int scratch)
    {
        var codes = new byte[parts.Length][];
        (CompiledTree Tree, TreeProgram Program)[] programs = [.. trees.SelectMany(tree => tree.Parts.Select(part => (tree, part)))];
        Parallel.For(0, parts.Length, () => new SelectionEmitter(scratch), (index, _, emitter) =>
        {
            (CompiledTree tree, TreeProgram program) = programs[index];
            PlaneOffsets planes = parts[index].PlaneRows;
            codes[index] = emitter.Emit(tree.Ops.AsSpan(program.FirstOp, program.OpCount), ((ReadOnlySpan<int>)planes)[..program.Planes]);
            return emitter;
        }, _ => { });

        var entries = new int[codes.Length];
        for (int i = 1; i < codes.Length; i++) entries[i] = entries[i - 1] + codes[i - 1].Length;
        return ExecutableMemory.TryMap(codes) is { } memory ? new EmittedSelections(memory, entries) : null;
    }

    /// <summary>Runs the selections of one tree on a workspace's bit rows.</summary>
    public void Run(int tree, byte* rows) =>
        ((delegate* unmanaged[SuppressGCTransition]<byte*, void>)(_memory.Start + _entries[tree]))(rows);
}
