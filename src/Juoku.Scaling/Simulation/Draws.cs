namespace Juoku.Scaling.Simulation;

/// <summary>
/// Random numbers by what they are for: the same worker, part or node of a scenario draws the same under every policy, whatever
/// happened before, so that policies are compared on the same luck.
/// </summary>
internal readonly record struct Draws(ulong Seed)
{
    /// <summary>What a number is drawn for.</summary>
    public enum Of { Worker, Straggler, Failure, NodeStart, PodStart, NodeLife, Scenario, Prior }

    /// <summary>Evenly between 0 and 1, neither of them.</summary>
    public double Uniform(Of purpose, long index, long attempt = 0)
    {
        ulong bits = Mix(Seed + Mix((ulong)purpose + 1) + Mix((ulong)index * 0x9E3779B97F4A7C15 + Mix((ulong)attempt + 7)));
        return ((bits >> 11) + 0.5) * (1.0 / (1UL << 53));
    }

    /// <summary>Evenly between two numbers.</summary>
    public double Between(double low, double high, long index) => low + (high - low) * Uniform(Of.Scenario, index);

    /// <summary>Log-normal with mean 1 and the given spread.</summary>
    public double Around1(double spread, Of purpose, long index, long attempt = 0)
    {
        if (spread <= 0) return 1;
        double variance = Math.Log(1 + spread * spread);
        double radius = Math.Sqrt(-2 * Math.Log(Uniform(purpose, index, 2 * attempt)));
        double normal = radius * Math.Cos(2 * Math.PI * Uniform(purpose, index, 2 * attempt + 1));
        return Math.Exp(normal * Math.Sqrt(variance) - variance / 2);
    }

    /// <summary>Time to an event that comes so many times a second; infinite when it never comes.</summary>
    public double Exponential(double perSecond, Of purpose, long index) =>
        perSecond <= 0 ? double.PositiveInfinity : -Math.Log(Uniform(purpose, index)) / perSecond;

    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
