using System.Collections.Immutable;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Inputs;

namespace Juoku.Batch.Runs;

/// <summary>Cuts Parquet files into parts of whole row groups. Reads nothing but their ends; text files stay whole, and so do damaged ones.</summary>
internal static class PartCutter
{
    private const int FilesAtOnce = 16;

    /// <summary>The inputs, those that have more rows than a part may have with the first row group of each part.</summary>
    /// <param name="store">Where they lie.</param>
    /// <param name="prefix">What their keys are relative to.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="rows">Rows a part has at most; a row group that has more is a part all the same.</param>
    /// <param name="cancellation">Stops.</param>
    public static async Task<ImmutableArray<RunInput>> CutAsync(IStore store, string prefix, ImmutableArray<RunInput> inputs, int rows, CancellationToken cancellation)
    {
        var cut = new RunInput[inputs.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, cut.Length, parallel, (i, stop) =>
        {
            RunInput input = cut[i] = inputs[i];
            if (TableFormat.FromName(input.Key)?.Kind != TableKind.Parquet) return ValueTask.CompletedTask;
            var item = new StoredObject(prefix + input.Key, input.Length, input.ETag, default);
            try
            {
                using TableSource table = TableSource.Open(TableInput.Of(store, item), hasHeader: true, cancellation: stop);
                ImmutableArray<int> firsts = Firsts(table.RowGroups, rows);
                if (firsts.Length > 1) cut[i] = input with { Groups = [.. firsts, table.RowGroups.Length] };
            }
            catch (TableException)
            {
                // A damaged file stays whole, and whoever takes that part rejects it with the reason: one bad file does not stop a day.
            }

            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return [.. cut];
    }

    /// <summary>The first row group of each part: as many groups as fit, at least one.</summary>
    internal static ImmutableArray<int> Firsts(ImmutableArray<long> groups, int rows)
    {
        var firsts = ImmutableArray.CreateBuilder<int>();
        long inPart = 0;
        for (int group = 0; group < groups.Length; group++)
        {
            if (firsts.Count == 0 || inPart + groups[group] > rows)
            {
                firsts.Add(group);
                inPart = 0;
            }

            inPart += groups[group];
        }

        return firsts.ToImmutable();
    }
}
