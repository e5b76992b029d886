namespace Juoku.Learning.Generation;

/// <summary>
/// Draws codes 0 … n − 1 with given weights in constant time, from one random number a draw: Walker's alias method, with the tables built
/// as Vose does (1991).
/// </summary>
internal sealed class AliasTable
{
    private readonly Cell[] _cells;

    /// <summary>A table of codes whose probabilities are in proportion to <paramref name="weights"/>.</summary>
    public AliasTable(ReadOnlySpan<double> weights)
    {
        ArgumentOutOfRangeException.ThrowIfZero(weights.Length);
        double sum = 0;
        foreach (double weight in weights) sum += weight;
        var share = new double[weights.Length];
        var small = new Stack<int>();
        var large = new Stack<int>();
        for (int i = 0; i < share.Length; i++)
        {
            share[i] = weights[i] / sum * share.Length;
            (share[i] < 1 ? small : large).Push(i);
        }

        _cells = new Cell[share.Length];
        while (small.Count > 0 && large.Count > 0)
        {
            int poor = small.Pop(), rich = large.Pop();
            _cells[poor] = new Cell((uint)(share[poor] * uint.MaxValue), rich);
            share[rich] -= 1 - share[poor];
            (share[rich] < 1 ? small : large).Push(rich);
        }

        foreach (int rest in small.Concat(large)) _cells[rest] = new Cell(uint.MaxValue, rest);
    }

    /// <summary>Draws a code.</summary>
    public int Next(SeededRandom random)
    {
        int index = (int)Math.BigMul(random.NextBits(), (ulong)_cells.Length, out ulong rest);
        Cell cell = _cells[index];
        return (uint)(rest >> 32) <= cell.Own ? index : cell.Alias;
    }

    private readonly record struct Cell(uint Own, int Alias);
}
