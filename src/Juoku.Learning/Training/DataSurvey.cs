using System.Collections.Immutable;
using System.Text;
using Juoku.Batch.Tables;
using Juoku.Learning.Evaluation;
using Juoku.Learning.LightGbm;

namespace Juoku.Learning.Training;

/// <summary>
/// What one pass over the training days finds out before the rows themselves are wanted: which categories there are, where the borders of the
/// bins lie, and how the features are distributed.
/// </summary>
/// <param name="Maps">Codes of the categories.</param>
/// <param name="Sample">Rows that LightGBM derives its bins from, categories as codes.</param>
/// <param name="Profile">The distributions.</param>
internal sealed record DataSurvey(CategoryMaps Maps, BinningSample Sample, FeatureProfile Profile)
{
    public static DataSurvey Run(
        FeatureReader reader, TrainingColumns columns, TrainingConfig config, Parameters parameters, CategoryMaps parent, TrainingProgress progress, CancellationToken cancellation)
    {
        int[] categorical = [.. Enumerable.Range(0, columns.Count).Where(columns.IsCategorical)];
        int[] numeric = [.. Enumerable.Range(0, columns.Count).Where(f => !columns.IsCategorical(f))];
        ValueNames[] values = [.. categorical.Select(_ => new ValueNames())];
        var numbers = new int[categorical.Length][];
        for (int c = 0; c < numbers.Length; c++) numbers[c] = new int[FeatureReader.BatchRows];

        if (reader.RowCount is 0 or > int.MaxValue)
            throw new TableException("training days", $"{reader.RowCount} rows; LightGBM trains on 1 to {int.MaxValue}, so take fewer days or keep fewer rows without click");
        BinningSample sample = BinningSample.Draw((int)reader.RowCount, columns.Count, parameters);
        var taken = new double[sample.Rows.Length * columns.Count];
        var weights = new float[sample.Rows.Length];
        int next = 0;
        ImmutableArray<SelectedNumber> wanted = [.. numeric.Select(f => new SelectedNumber(columns.Features[f].Name)), .. columns.Weight is { } name ? (SelectedNumber[])[new(name)] : []];
        progress.Begin("surveying the training days", reader.RowCount);
        foreach (FeatureBatch batch in reader.Read(new FeatureSelection(wanted, [.. categorical.Select(f => columns.Features[f].Name)]), cancellation))
        {
            for (int c = 0; c < categorical.Length; c++) values[c].Add(batch.Rows.Keys[c], batch.KeyColumns[c], numbers[c].AsSpan(0, batch.Count));
            for (; next < sample.Rows.Length && sample.Rows[next] < batch.FirstRow + batch.Count; next++)
            {
                int row = (int)(sample.Rows[next] - batch.FirstRow);
                Span<double> to = taken.AsSpan(next * columns.Count, columns.Count);
                for (int i = 0; i < numeric.Length; i++) to[numeric[i]] = batch.Rows.Numbers[i][row];
                for (int c = 0; c < categorical.Length; c++) to[categorical[c]] = numbers[c][row];
                weights[next] = columns.Weight is null ? 1 : (float)batch.Rows.Numbers[^1][row];
            }

            progress.Report(batch.FirstRow + batch.Count);
        }

        CategoryMaps maps = Choose(columns, config, parent, categorical, values);
        var counts = new int[columns.Count];
        for (int c = 0; c < categorical.Length; c++)
        {
            // Looked up as scoring will look it up, so that both see the same code.
            CategoryCodes? codes = maps.CodesOf(columns.Features[categorical[c]].Name);
            counts[categorical[c]] = codes?.Count ?? 0;
            double[] codeOf = [.. values[c].Names.Select(value => codes?[Encoding.UTF8.GetBytes(value)] ?? double.NaN)];
            for (int i = categorical[c]; i < taken.Length; i += columns.Count) taken[i] = taken[i] < 0 ? double.NaN : codeOf[(int)taken[i]];
        }

        for (int i = 0; i < sample.Rows.Length; i++) sample.Add(taken.AsSpan(i * columns.Count, columns.Count));
        return new DataSurvey(maps, sample, FeatureProfile.Of(columns.Names, counts, taken, weights));
    }

    private static CategoryMaps Choose(TrainingColumns columns, TrainingConfig config, CategoryMaps parent, int[] categorical, ValueNames[] values)
    {
        CategoryMaps maps = CategoryMaps.Empty;
        for (int c = 0; c < categorical.Length; c++)
        {
            string name = columns.Features[categorical[c]].Name;
            ImmutableArray<string> chosen = CategoryMaps.Choose(values[c], config.Categories, parent.Values.GetValueOrDefault(name, []));
            if (!chosen.IsEmpty) maps = new CategoryMaps(maps.Values.SetItem(name, chosen));
        }

        return maps;
    }
}
