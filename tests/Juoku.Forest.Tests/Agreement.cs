namespace Juoku.Forest.Tests;

/// <summary>Compares scores to the last bit.</summary>
internal static class Agreement
{
    /// <summary>Fails at the first score that differs; any NaN equals any other, whose sign and payload no processor promises.</summary>
    public static void SameBits(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.DoubleToInt64Bits(expected[i]) == BitConverter.DoubleToInt64Bits(actual[i])) continue;
            if (double.IsNaN(expected[i]) && double.IsNaN(actual[i])) continue;
            Assert.Fail($"{what}: score {i} of {expected.Length} is {actual[i]:R}, expected {expected[i]:R}");
        }
    }

    /// <summary>Fails at the first score that differs by more than a fraction of the expected one.</summary>
    public static void Near(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double fraction, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i] == actual[i] || Math.Abs(expected[i] - actual[i]) <= fraction * Math.Abs(expected[i])) continue;
            if (double.IsNaN(expected[i]) && double.IsNaN(actual[i])) continue;
            Assert.Fail($"{what}: score {i} of {expected.Length} is {actual[i]:R}, expected {expected[i]:R}");
        }
    }

    /// <summary>The scores that the scalar definition gives.</summary>
    public static double[] Definition(Ensemble ensemble, ReadOnlySpan<double> rows)
    {
        int features = ensemble.FeatureNames.Length;
        int outputs = ensemble.OutputCount;
        double[] scores = new double[rows.Length / features * outputs];
        for (int i = 0; i < scores.Length / outputs; i++)
            Kernels.ScalarKernel.Score(ensemble, rows.Slice(i * features, features), scores.AsSpan(i * outputs, outputs));
        return scores;
    }
}
