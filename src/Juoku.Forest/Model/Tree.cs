using System.Collections.Immutable;

namespace Juoku.Forest;

/// <summary>
/// One decision tree as LightGBM writes it. Inner nodes are numbered 0 … <see cref="NodeCount"/> − 1 from the root;
/// a child ≥ 0 is an inner node, a child &lt; 0 is the leaf <c>~child</c>.
/// </summary>
public sealed record Tree
{
    /// <summary>Feature index that each inner node splits on.</summary>
    public required ImmutableArray<int> SplitFeature { get; init; }

    /// <summary>Numeric split: rows with value ≤ threshold go left. Categorical split: index into <see cref="CategoryBoundaries"/>.</summary>
    public required ImmutableArray<double> Threshold { get; init; }

    /// <summary>How each inner node decides: split kind, default direction and what counts as missing.</summary>
    public required ImmutableArray<Decision> Decisions { get; init; }

    /// <summary>Left child of each inner node.</summary>
    public required ImmutableArray<int> LeftChild { get; init; }

    /// <summary>Right child of each inner node.</summary>
    public required ImmutableArray<int> RightChild { get; init; }

    /// <summary>Output of each leaf, shrinkage already applied.</summary>
    public required ImmutableArray<double> LeafValue { get; init; }

    /// <summary>Start of each categorical split's bitset in <see cref="CategoryBits"/>, in words; one more entry than splits.</summary>
    public ImmutableArray<int> CategoryBoundaries { get; init; } = [];

    /// <summary>Bitsets of the categories that go left, 32 to a word, lowest bit first.</summary>
    public ImmutableArray<uint> CategoryBits { get; init; } = [];

    /// <summary>Linear models of the leaves; empty when leaves are constants.</summary>
    public ImmutableArray<LinearLeaf> LinearLeaves { get; init; } = [];

    /// <summary>Number of inner nodes; 0 when the tree is a single leaf.</summary>
    public int NodeCount => SplitFeature.Length;

    /// <summary>Number of leaves.</summary>
    public int LeafCount => LeafValue.Length;

    /// <summary>Bitset of the categories that the categorical node <paramref name="node"/> sends left.</summary>
    public ReadOnlySpan<uint> CategoriesLeft(int node)
    {
        int split = (int)Threshold[node];
        return CategoryBits.AsSpan()[CategoryBoundaries[split]..CategoryBoundaries[split + 1]];
    }
}

/// <summary>Linear model of one leaf: <c>Constant + Σ Coefficients[i] · feature[Features[i]]</c>, or the leaf's constant output where a feature is missing.</summary>
/// <param name="Constant">Intercept.</param>
/// <param name="Features">Feature indices, in the order of summation.</param>
/// <param name="Coefficients">One coefficient a feature.</param>
public sealed record LinearLeaf(double Constant, ImmutableArray<int> Features, ImmutableArray<double> Coefficients);
