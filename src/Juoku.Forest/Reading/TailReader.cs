using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Juoku.Forest.Reading;

/// <summary>
/// Reads what stands after the trees: of the training parameters only which features were categorical, and the line that LightGBM's
/// Python package appends with the values of each categorical column of the training table.
/// </summary>
/// <remarks>
/// That line does not say which columns it means: it lists them in column order. Its maps are given to the features that the
/// parameters call categorical, or else to those with categories in <c>feature_infos</c>, where their number agrees and every
/// category seen in training has a value. Otherwise the maps belong to no feature, and the caller has to say.
/// </remarks>
internal static class TailReader
{
    private static ReadOnlySpan<byte> CategoricalFeature => "[categorical_feature: "u8;

    /// <summary>Reads to the end of the text; <paramref name="lines"/> stands on the line that ends the trees.</summary>
    public static ImmutableArray<CategoryMap> ReadCategoryMaps(ref LineReader lines, Header header, string source)
    {
        int[]? categorical = null;
        ImmutableArray<ImmutableArray<string>> values = [];
        int parameters = 0;
        while (lines.NextFilled())
        {
            ReadOnlySpan<byte> line = lines.Current;
            if (parameters > 0)
            {
                if (line.StartsWith(CategoricalFeature)) categorical = Indices(line[CategoricalFeature.Length..], header.FeatureNames.Length);
                if (line.SequenceEqual("end of parameters"u8)) parameters = 0;
            }
            else if (line.SequenceEqual("parameters:"u8))
            {
                parameters = lines.Line;
            }
            else if (line.StartsWith("pandas_categorical:"u8))
            {
                values = Values(line["pandas_categorical:"u8.Length..], lines.Line, source);
            }
        }

        if (parameters > 0) throw new ModelFormatException(source, parameters, $"the parameters have no end: {Remedy.Cut}.");
        int[]? owners = Owners(categorical, values, header) ?? Owners(WithCategories(header), values, header);
        return [.. values.Select((column, i) => new CategoryMap(column) { Feature = owners?[i] })];
    }

    private static int[]? Owners(int[]? features, ImmutableArray<ImmutableArray<string>> values, Header header)
    {
        if (features is null || features.Length != values.Length) return null;
        bool fit = features.Zip(values).All(pair => header.GreatestCategories[pair.First] < pair.Second.Length);
        return fit ? features : null;
    }

    private static int[] WithCategories(Header header) =>
        [.. Enumerable.Range(0, header.FeatureNames.Length).Where(feature => header.GreatestCategories[feature] >= 0)];

    /// <summary>Column indices between commas, ascending; null when they are given in another form (by name, or none).</summary>
    private static int[]? Indices(ReadOnlySpan<byte> list, int features)
    {
        if (list is [.., (byte)']']) list = list[..^1];
        var indices = new SortedSet<int>();
        foreach (Range item in list.Split((byte)','))
        {
            if (!NumberReader.TryInt(list[item], out int index) || (uint)index >= (uint)features) return null;
            indices.Add(index);
        }

        return [.. indices];
    }

    private static ImmutableArray<ImmutableArray<string>> Values(ReadOnlySpan<byte> json, int line, string source)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null && !reader.Read()) return [];
            if (reader.TokenType != JsonTokenType.StartArray) throw Fault("is neither null nor a list of lists");

            ImmutableArray<ImmutableArray<string>>.Builder columns = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.StartArray) throw Fault("is neither null nor a list of lists");
                ImmutableArray<string>.Builder column = ImmutableArray.CreateBuilder<string>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    column.Add(reader.TokenType switch
                    {
                        JsonTokenType.String => reader.GetString()!,
                        JsonTokenType.Number => Number(reader.ValueSpan),
                        JsonTokenType.True => "true",
                        JsonTokenType.False => "false",
                        _ => throw Fault("has a category that is neither text nor a number"),
                    });
                }

                columns.Add(column.ToImmutable());
            }

            return reader.Read() ? throw Fault("goes on after its list") : columns.ToImmutable();
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text with bytes that are not UTF-8.
            throw Fault("is not valid JSON");
        }

        ModelFormatException Fault(string problem) => new(source, line, $"pandas_categorical {problem}: {Remedy.Edited}.");
    }

    /// <summary>Whole numbers keep their digits; others get the shortest form that reads back, without a fraction of zero.</summary>
    private static string Number(ReadOnlySpan<byte> text) =>
        text.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0
            ? Encoding.UTF8.GetString(text)
            : double.Parse(text, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);
}
