namespace Juoku.Bench.Timing;

/// <summary>One of the scorers that a benchmark compares.</summary>
/// <param name="name">Name in results, such as <c>lightgbm</c>.</param>
/// <param name="availableRows">Rows it may be asked for.</param>
/// <param name="score">Scores a range of those rows: first row, number of rows.</param>
/// <param name="clock">Clock to time it by; the system's where it is null.</param>
internal sealed class Contestant(string name, int availableRows, Action<int, int> score, TimeProvider? clock = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>Name in results.</summary>
    public string Name { get; } = name;

    /// <summary>Rows of one call, once <see cref="Calibrate"/> has run.</summary>
    public int RowsPerCall { get; private set; }

    /// <summary>Calls of one sample, once <see cref="Calibrate"/> has run.</summary>
    public int CallsPerSample { get; private set; } = 1;

    /// <summary>Finds how many rows, and how many times over, fill <paramref name="target"/>; warms the code up on the way.</summary>
    public void Calibrate(TimeSpan target)
    {
        int rows = Math.Min(availableRows, 256);
        TimeSpan spent = Time(0, rows, 1);
        while (spent < target / 8 && rows < availableRows)
        {
            rows = Math.Min(availableRows, rows * 2);
            spent = Time(0, rows, 1);
        }

        double wanted = rows * (target / spent);
        RowsPerCall = (int)Math.Clamp(wanted, Math.Min(availableRows, 256), availableRows);
        CallsPerSample = Math.Max(1, (int)Math.Ceiling(wanted / availableRows));
    }

    /// <summary>Rows a second over one sample. Rounds move through the rows, so that those who score few at a time see all kinds.</summary>
    public double Sample(int round)
    {
        int places = availableRows / RowsPerCall;
        int first = round % places * RowsPerCall;
        TimeSpan spent = Time(first, RowsPerCall, CallsPerSample);
        return (double)RowsPerCall * CallsPerSample / spent.TotalSeconds;
    }

    private TimeSpan Time(int first, int rows, int calls)
    {
        long start = _clock.GetTimestamp();
        for (int i = 0; i < calls; i++) score(first, rows);
        return _clock.GetElapsedTime(start);
    }
}
