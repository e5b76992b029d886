using System.Runtime.CompilerServices;

namespace Juoku.Forest.Packing;

/// <summary>A compiled tree, or part of one, as a kernel runs it.</summary>
/// <param name="FirstOp">Index of its first selection in <see cref="PackedForest.Ops"/>.</param>
/// <param name="OpCount">Number of selections.</param>
/// <param name="Planes">Bits of a leaf label.</param>
/// <param name="PlaneRows">Byte offset of the row of each plane.</param>
/// <param name="LeafTable">Offset of its leaf values in <see cref="PackedForest.LeafTables"/>, in the kernel's own layout.</param>
/// <param name="Output">Which output of a row it adds to.</param>
/// <param name="Linear">By label, the linear model of the leaf; null when leaves are constants.</param>
/// <param name="LinearFallback">By label, the output where a feature of the linear model is missing.</param>
internal sealed record PackedTree(
    int FirstOp, int OpCount, int Planes, PlaneOffsets PlaneRows, int LeafTable, int Output, LinearLeaf?[]? Linear, double[]? LinearFallback);

/// <summary>Trees whose categorical conditions are evaluated together, and those conditions' look-ups.</summary>
internal readonly record struct TreeBatch(int FirstLookUp, int EndLookUp, int FirstTree, int EndTree);

/// <summary>Byte offset of each of up to eight planes.</summary>
[InlineArray(TreeCompiler.MaxPlanes)]
internal struct PlaneOffsets
{
    private int _first;
}
