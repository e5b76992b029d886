namespace Juoku.Learning.Generation;

/// <summary>Which random stream is whose: each thing draws from one of its own, so that a change to one moves no other.</summary>
internal static class Streams
{
    public const ulong Effects = 1;
    public const ulong Ads = 2;
    public const ulong Drift = 3;

    /// <summary>And one up for every chunk of people.</summary>
    public const ulong People = 1UL << 32;

    /// <summary>And one up for every hour.</summary>
    public const ulong Hours = 2UL << 32;
}
