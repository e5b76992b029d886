using Juoku.Batch.Tables;

namespace Juoku.Batch.Runs;

/// <summary>The parts of a run, counted from 0 in the order of its inputs. A part is a file, or a range of a file's row groups.</summary>
public sealed class RunParts
{
    private readonly RunPlan _plan;
    private readonly int[] _firsts;

    /// <summary>Numbers the parts of a plan.</summary>
    public RunParts(RunPlan plan)
    {
        _plan = plan;
        _firsts = new int[plan.Inputs.Length];
        for (int i = 0; i < _firsts.Length; i++)
        {
            _firsts[i] = Count;
            Count += plan.Inputs[i].Groups is { } groups ? groups.Length - 1 : 1;
        }
    }

    /// <summary>How many parts there are.</summary>
    public int Count { get; }

    /// <summary>A part by its number.</summary>
    public RunPart this[int number]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(number);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Count);
            int found = Array.BinarySearch(_firsts, number);
            RunInput input = _plan.Inputs[found < 0 ? found = ~found - 1 : found];
            if (input.Groups is not { } groups) return new RunPart(number, input, null);
            int index = number - _firsts[found];
            return new RunPart(number, input, new RowGroupRange(groups[index], groups[index + 1]));
        }
    }
}

/// <summary>A part of a run.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Input">The file that it is, or is in.</param>
/// <param name="Range">The row groups that it is; null for the whole file.</param>
public sealed record RunPart(int Number, RunInput Input, RowGroupRange? Range)
{
    /// <summary>Bytes of input, as far as the plan tells: row groups of a file count as equally large.</summary>
    public long Bytes => Range is { } range && Input.Groups is [.., > 0 and var groups] ? (long)((double)Input.Length * (range.To - range.From) / groups) : Input.Length;

    /// <summary>Name of its output file.</summary>
    public string OutputName => $"part-{Number:D5}.parquet";
}
