namespace Juoku.Learning.Generation;

/// <summary>A row group of impressions, column by column, with the truth of those that are sound and logged for the first time.</summary>
internal sealed class ImpressionRows(int capacity)
{
    public const short Absent = 0;
    public const short Present = 1;

    public int Count { get; set; }

    public int Capacity => capacity;

    public long[] Id { get; } = new long[capacity];

    /// <summary>Microseconds since 1970.</summary>
    public long[] Time { get; } = new long[capacity];

    public long[] User { get; } = new long[capacity];

    public short[] UserPresent { get; } = new short[capacity];

    public int[] Ad { get; } = new int[capacity];

    public int[] Site { get; } = new int[capacity];

    public short[] SitePresent { get; } = new short[capacity];

    public int[] Position { get; } = new int[capacity];

    public int TruthCount { get; set; }

    public long[] TruthId { get; } = new long[capacity];

    public double[] Probability { get; } = new double[capacity];

    /// <summary>Logs a row again.</summary>
    public void Repeat(int row)
    {
        int copy = Count++;
        Id[copy] = Id[row];
        Time[copy] = Time[row];
        User[copy] = User[row];
        UserPresent[copy] = UserPresent[row];
        Ad[copy] = Ad[row];
        Site[copy] = Site[row];
        SitePresent[copy] = SitePresent[row];
        Position[copy] = Position[row];
    }

    /// <summary>Spoils the last row in one of the ways in which rows of real logs are spoilt.</summary>
    public void Corrupt(int how)
    {
        int row = Count - 1;
        switch (how)
        {
            case 0: UserPresent[row] = Absent; break;
            case 1: SitePresent[row] = Absent; break;
            case 2: Time[row] = 0; break;
            case 3: Ad[row] = 0; break;
            default: Position[row] = -1; break;
        }
    }
}
