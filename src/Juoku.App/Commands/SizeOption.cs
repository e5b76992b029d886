using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Juoku.App.Commands;

/// <summary>Options that take a number of bytes, such as <c>512MB</c>.</summary>
internal static class SizeOption
{
    /// <summary><c>--memory</c>, of DuckDB.</summary>
    public static Option<long> Memory() => new("--memory")
    {
        Description = "Memory that DuckDB may use, such as 512MB; what does not fit goes to the scratch folder. [default: 2GB]",
        HelpName = "size",
        CustomParser = Parse,
        DefaultValueFactory = _ => 2L << 30,
    };

    private static long Parse(ArgumentResult argument)
    {
        string text = argument.Tokens[0].Value;
        string number = text.TrimEnd("KMGBkmgbi".ToCharArray());
        int shift = text[number.Length..].ToUpperInvariant() switch
        {
            "" or "B" => 0,
            "K" or "KB" or "KIB" => 10,
            "M" or "MB" or "MIB" => 20,
            "G" or "GB" or "GIB" => 30,
            _ => -1,
        };
        if (shift >= 0 && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)) return (long)(value * (1L << shift));
        argument.AddError($"--memory {text}: write a size, as in 512MB or 2GB.");
        return 0;
    }
}
