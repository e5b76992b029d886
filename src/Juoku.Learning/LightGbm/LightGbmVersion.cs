using System.Reflection;

namespace Juoku.Learning.LightGbm;

/// <summary>Which LightGBM this build trains with.</summary>
public static class LightGbmVersion
{
    /// <summary>Version of the LightGBM package, such as <c>4.7.0</c>.</summary>
    public static string Value { get; } = typeof(LightGbmVersion).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == nameof(LightGbmVersion)).Value!;
}
