using Juoku.Forest.Kernels;

namespace Juoku.Forest.Tests;

/// <summary>The kernels that every exactness test runs on; one that this build or CPU lacks is skipped, never passed.</summary>
internal static class KernelUnderTest
{
    public static IReadOnlyList<string> Names { get; } = [.. KernelChoice.All.Select(kernel => kernel.Name)];

    /// <summary>Reads a model for one kernel, or skips the test that asked.</summary>
    public static ForestModel Parse(ReadOnlySpan<byte> model, string kernel)
    {
        Assert.SkipUnless(KernelChoice.All.Any(known => known.Name == kernel && known.IsSupported), $"this CPU cannot run the {kernel} kernel");
        return ForestModel.Parse(model, "test", kernel);
    }

    /// <summary>Every case on every kernel.</summary>
    public static TheoryData<string, string> Times(IEnumerable<string> cases)
    {
        var data = new TheoryData<string, string>();
        foreach (string name in cases)
            foreach (string kernel in Names) data.Add(name, kernel);
        return data;
    }
}
