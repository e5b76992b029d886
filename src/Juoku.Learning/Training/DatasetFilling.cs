using Juoku.Batch.Tables;
using Juoku.Forest;
using Juoku.Learning.LightGbm;

namespace Juoku.Learning.Training;

/// <summary>
/// Streams days into a LightGBM dataset: a batch at a time is in memory beside LightGBM's bins, and a label, a weight and, with a parent, a starting score of each row.
/// </summary>
internal static class DatasetFilling
{
    public static void Fill(
        Dataset data, FeatureReader reader, TrainingColumns columns, FeatureSelection selection, ForestModel? parent, TrainingProgress progress, CancellationToken cancellation)
    {
        int rows = data.RowCount;
        float[] labels = new float[rows], weights = columns.Weight is null ? [] : new float[rows];
        double[] initial = parent is null ? [] : new double[rows];
        var values = new double[FeatureReader.BatchRows * columns.Count];
        var block = new Column[columns.Count];
        foreach (FeatureBatch batch in reader.Read(selection, cancellation))
        {
            int start = (int)batch.FirstRow, count = batch.Count;
            for (int f = 0; f < columns.Count; f++)
            {
                NumberBuffer column = batch.Rows.Numbers[f];
                for (int row = 0; row < count; row++) values[row * columns.Count + f] = column[row];
            }

            FeatureRoles.CopyLabels(batch, columns.Count, labels.AsSpan(start, count));
            if (columns.Weight is not null) FeatureRoles.CopyWeights(batch, columns.Count + 1, weights.AsSpan(start, count));
            if (parent is not null)
            {
                for (int f = 0; f < columns.Count; f++) block[f] = batch.Rows.Numbers[f].View(0, count);
                parent.Score(block, initial.AsSpan(start, count), ScoreKind.Raw);
            }

            data.Push<double>(values.AsSpan(0, count * columns.Count), start);
            progress.Report(start + count);
        }

        data.SetLabels(labels);
        if (columns.Weight is not null) data.SetWeights(weights);
        if (parent is not null) data.SetInitialScores(initial);
    }
}
