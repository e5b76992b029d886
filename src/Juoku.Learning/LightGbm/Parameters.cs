using System.Collections;
using System.Globalization;

namespace Juoku.Learning.LightGbm;

/// <summary>
/// LightGBM parameters by name, in the order they were first set: <c>new Parameters { ["objective"] = "binary", ["num_leaves"] = 63 }</c>.
/// Numbers are written with the invariant culture, booleans as <c>true</c> and <c>false</c>. LightGBM is quiet (<c>verbosity=-1</c>) unless told otherwise.
/// </summary>
public sealed class Parameters : IEnumerable<KeyValuePair<string, string>>
{
    private readonly OrderedDictionary<string, string> _values = new(StringComparer.Ordinal) { ["verbosity"] = "-1" };

    /// <summary>Sets a parameter.</summary>
    /// <exception cref="ArgumentException">The name or the value is empty or has white space or '=' in it, which LightGBM would read as another parameter.</exception>
    public object this[string name]
    {
        set
        {
            string text = value is bool truth ? (truth ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            if (!IsWord(name)) throw new ArgumentException($"'{name}' is not a parameter name: it is empty or has white space or '=' in it.", nameof(name));
            if (!IsWord(text)) throw new ArgumentException($"'{text}' is not a value for {name}: it is empty or has white space or '=' in it.", nameof(value));
            _values[name] = text;
        }
    }

    /// <summary>A copy, to vary without changing this one.</summary>
    public Parameters Copy()
    {
        var copy = new Parameters();
        foreach ((string name, string value) in _values) copy._values[name] = value;
        return copy;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The parameters as LightGBM reads them: <c>name=value</c>, separated by spaces.</summary>
    public override string ToString() => string.Join(' ', _values.Select(pair => $"{pair.Key}={pair.Value}"));

    private static bool IsWord(string text) => text.Length > 0 && !text.Any(c => char.IsWhiteSpace(c) || c == '=');
}
