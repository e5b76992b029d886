namespace Juoku.Soak.Tests;

/// <summary>How long and how hard.</summary>
internal sealed record SoakOptions
{
    /// <summary>Runs follow one another until so many minutes are over; each is carried to its end.</summary>
    public double Minutes { get; init; } = 20;

    /// <summary>Of all draws. What happens also depends on when, so the same seed makes a similar soak, not the same one.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Input files of a run.</summary>
    public int Files { get; init; } = 300;

    /// <summary>Worker processes.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Share of store and queue calls that go wrong in each of four ways.</summary>
    public double FaultRate { get; init; } = 0.01;

    /// <summary>Seconds between two blows to a worker, on average.</summary>
    public double StrikeSeconds { get; init; } = 2;

    /// <summary>Also full disks, disks under load, and runs on S3 and SQS servers that are killed, as far as this machine allows.</summary>
    public bool IsLong { get; init; } = true;

    /// <summary>All runs on the S3 and SQS servers.</summary>
    public bool OnlyRemote { get; init; }

    /// <summary>How long a run may do no part before it counts as stuck.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Reads <c>--minutes N --seed S …</c>; null when it cannot be understood.</summary>
    public static SoakOptions? Parse(ReadOnlySpan<string> words)
    {
        var options = new SoakOptions();
        for (; words.Length > 0; words = words[2..])
        {
            if (words[0] == "--only-remote")
            {
                options = options with { OnlyRemote = true };
                words = words[1..];
                if (words.IsEmpty) return options;
            }

            if (words.Length < 2 || !double.TryParse(words[1], System.Globalization.CultureInfo.InvariantCulture, out double value) || value <= 0) return null;
            switch (words[0])
            {
                case "--minutes": options = options with { Minutes = value }; break;
                case "--seed": options = options with { Seed = (int)value }; break;
                case "--files": options = options with { Files = Math.Max(20, (int)value) }; break;
                case "--workers": options = options with { Workers = Math.Max(1, (int)value) }; break;
                default: return null;
            }
        }

        return options;
    }
}
