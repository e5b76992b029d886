using System.Collections.Immutable;
using System.Globalization;
using Juoku.Batch.Tables;
using Juoku.Forest;

namespace Juoku.Batch.Predicting;

/// <summary>Which columns of a table feed which features of a model, which one is the label, and which are carried along.</summary>
/// <param name="Selection">What to read.</param>
/// <param name="Features">Feature of each selected number column; the label, when there is one, comes after them.</param>
/// <param name="HasLabel">Whether the last selected number column is the label.</param>
/// <param name="Keys">Types of the key columns.</param>
internal sealed record TableBinding(TableSelection Selection, ImmutableArray<int> Features, bool HasLabel, ImmutableArray<KeyColumn> Keys)
{
    /// <summary>Binds an open table to a model.</summary>
    /// <exception cref="TableException">A used feature has no column, or a column the wrong type.</exception>
    public static TableBinding Bind(TableSource table, PredictionModel predictor, ColumnChoice choice)
    {
        (ForestModel model, CategoryCodes?[] codes) = (predictor.Forest, predictor.Categories);
        var names = new ColumnNames(table);
        int? label = choice.LabelColumn ?? (choice.Label is { } name ? names.Find(name, "the label") : null);
        if (label >= table.Columns.Length)
            throw new TableException(table.Path, $"--label-column {label}: there are only {table.Columns.Length} columns, and they count from 0");
        ImmutableArray<int> keys = [.. choice.Keys.Select(key => table.HasNames ? names.Find(key, "a key") : KeyPosition(table, key))];

        int[] columns = ColumnsOfFeatures(table, names, model, label, keys);
        ImmutableArray<int> features = [.. Enumerable.Range(0, model.FeatureCount).Where(model.Uses)];
        foreach (int feature in features) CheckType(table, columns[feature], model.FeatureNames[feature], codes[feature]);

        ImmutableArray<NumberSelection> numbers = [.. features.Select(feature => new NumberSelection(columns[feature], codes[feature]))];
        if (label is { } position)
        {
            if (table.Columns[position].Content is ColumnContent.Strings or ColumnContent.Other)
                throw new TableException(table.Path, $"column '{table.Columns[position].Name}' is {table.Columns[position].TypeName}; a label must be a number") { Column = table.Columns[position].Name };
            numbers = numbers.Add(new NumberSelection(position));
        }

        return new TableBinding(new TableSelection(numbers, keys), features, label is not null, [.. keys.Select(table.Key)]);
    }

    private static int[] ColumnsOfFeatures(TableSource table, ColumnNames names, ForestModel model, int? label, ImmutableArray<int> keys)
    {
        if (!table.HasNames) return ByPosition(table, model, label, keys);
        int[] columns = [.. model.FeatureNames.Select(names.TryFind)];
        string[] missing = [.. Enumerable.Range(0, columns.Length).Where(f => columns[f] < 0 && model.Uses(f)).Select(f => model.FeatureNames[f])];
        if (missing.Length == 0)
        {
            for (int f = 0; f < columns.Length; f++)
                if (model.Uses(f)) names.RefuseDuplicate(columns[f]);
            return columns;
        }

        // A model trained without names has LightGBM's own, Column_0 and so on: they say positions.
        bool looksLikeRow = LooksLikeRow(table);
        bool unnamed = model.FeatureNames.Select((name, i) => name == $"Column_{i}").All(same => same);
        if (unnamed && !looksLikeRow && columns.All(column => column < 0)) return ByPosition(table, model, label, keys);

        string hint = looksLikeRow ? "the first line looks like a row: use --no-header" : Similar(missing[0], table);
        string others = missing.Length > 1 ? $" and {missing.Length - 1} more ({string.Join(", ", missing.Skip(1).Take(4))}{(missing.Length > 5 ? ", …" : "")})" : "";
        throw new TableException(table.Path, $"no column for the model's feature '{missing[0]}'{others}; {hint}") { Column = missing[0] };
    }

    /// <summary>Names that are numbers are values, unless they count the columns, as pandas does where it has no names.</summary>
    private static bool LooksLikeRow(TableSource table) =>
        table.Format.Kind != TableKind.Parquet
        && table.Columns.Any(column => double.TryParse(column.Name, CultureInfo.InvariantCulture, out _))
        && !table.Columns.Select((column, i) => column.Name == i.ToString(CultureInfo.InvariantCulture)).All(counts => counts);

    private static string Similar(string feature, TableSource table)
    {
        IReadOnlyList<string> close = CloseNames.Of(feature, table.Columns.Select(column => column.Name));
        return close.Count > 0
            ? $"close names in the file: {string.Join(", ", close.Select(name => $"'{name}'"))}"
            : $"the file has {string.Join(", ", table.Columns.Take(6).Select(column => $"'{column.Name}'"))}{(table.Columns.Length > 6 ? ", …" : "")}";
    }

    private static int[] ByPosition(TableSource table, ForestModel model, int? label, ImmutableArray<int> keys)
    {
        int[] withoutLabel = [.. Enumerable.Range(0, table.Columns.Length).Where(column => column != label)];
        int[] withoutKeys = [.. withoutLabel.Where(column => !keys.Contains(column))];
        if (withoutKeys.Length == model.FeatureCount) return withoutKeys;
        if (withoutLabel.Length == model.FeatureCount) return withoutLabel;

        string beside = (label, keys.IsEmpty) switch
        {
            (null, true) => "",
            (null, false) => " beside the keys",
            (_, true) => " beside the label",
            _ => " beside label and keys",
        };
        throw new TableException(table.Path, $"{withoutKeys.Length} columns{beside} for the model's {model.FeatureCount} features, which go by position here; name the label with --label-column and others with --key, or use a header");
    }

    private static void CheckType(TableSource table, int position, string feature, CategoryCodes? codes)
    {
        TableColumn column = table.Columns[position];
        if (column.Content == ColumnContent.Other)
            throw new TableException(table.Path, $"column '{column.Name}' is {column.TypeName}; the feature '{feature}' needs numbers{(codes is null ? "" : " or categories")}") { Column = column.Name };
        if (column.Content == ColumnContent.Numbers && codes is not null && !(column.TypeName == "boolean" ? codes.AreBooleans : codes.AreNumbers))
            throw new TableException(table.Path, $"column '{column.Name}' is {column.TypeName}, but the categories of the feature '{feature}' are strings; write the category values, not their codes") { Column = column.Name };
        if (column.Content == ColumnContent.Strings && codes is null)
            throw new TableException(table.Path, $"column '{column.Name}' is {column.TypeName}, but the feature '{feature}' is a number and has no category map; write numbers, or put its categories in the .categories.json beside the model") { Column = column.Name };
    }

    private static int KeyPosition(TableSource table, string key)
    {
        if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int position))
            throw new UsageException($"--key {key}: without a header a key is a position, from 0");
        return position < table.Columns.Length
            ? position
            : throw new TableException(table.Path, $"--key {key}: there are only {table.Columns.Length} columns, and they count from 0");
    }
}
