using Juoku.Forest.Kernels;

namespace Juoku.Forest.Scoring;

/// <summary>Raw scores by the definition, for comparison.</summary>
internal sealed class DefinitionScorer(Ensemble ensemble) : RowScorer
{
    public override void Score(ReadOnlySpan<double> row, Span<double> raw) => ScalarKernel.Score(ensemble, row, raw);
}
