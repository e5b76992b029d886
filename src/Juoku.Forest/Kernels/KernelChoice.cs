namespace Juoku.Forest.Kernels;

/// <summary>Chooses the quickest kernel this CPU has, or the one that the environment variable <c>JUOKU_KERNEL</c> names.</summary>
internal static class KernelChoice
{
    public const string Variable = "JUOKU_KERNEL";

    /// <summary>Name of <see cref="ScalarKernel"/>, which takes no blocks.</summary>
    public const string Scalar = "scalar";

    /// <summary>Names of all kernels, quickest first, and whether this CPU has each.</summary>
    public static IReadOnlyList<(string Name, bool IsSupported)> All { get; } =
    [
        ("avx512vbmi", Avx512VbmiKernel.IsSupported),
        ("avx512", Avx512Kernel.IsSupported),
        ("avx2", Avx2Kernel.IsSupported),
        ("portable", true),
        (Scalar, true),
    ];

    /// <summary>Name of the kernel in force for this process.</summary>
    public static string Default => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } forced
        ? All.Any(kernel => kernel.Name == forced && kernel.IsSupported)
            ? forced
            : throw new NotSupportedException(
                $"{Variable}={forced}: this CPU has {string.Join(", ", All.Where(kernel => kernel.IsSupported).Select(kernel => kernel.Name))}; unset it or name one of these.")
        : All.First(kernel => kernel.IsSupported).Name;

    /// <summary>The kernel of that name; null for <see cref="Scalar"/>.</summary>
    public static Kernel? Create(string name) => name switch
    {
        "avx512vbmi" => new Avx512VbmiKernel(),
        "avx512" => new Avx512Kernel(),
        "avx2" => new Avx2Kernel(),
        "portable" => new PortableKernel(),
        Scalar => null,
        _ => throw new ArgumentException($"No kernel is named {name}.", nameof(name)),
    };
}
