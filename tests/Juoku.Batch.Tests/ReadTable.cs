using System.Text;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Inputs;

namespace Juoku.Batch.Tests;

/// <summary>Reads whole tables into lists, for comparison.</summary>
internal static class ReadTable
{
    public static readonly ParallelOptions OneThread = new() { MaxDegreeOfParallelism = 1 };

    /// <summary>The columns at these positions as numbers, NaN for null.</summary>
    public static List<double>[] Numbers(string path, bool hasHeader, params NumberSelection[] numbers) => Read(path, hasHeader, numbers, [], 1 << 10).Numbers;

    /// <summary>The columns at these positions as keys, boxed, null for null, bytes as strings of Latin-1.</summary>
    public static List<object?>[] Keys(string path, bool hasHeader, params int[] keys) => Read(path, hasHeader, [], keys, 1 << 10).Keys;

    public static (List<double>[] Numbers, List<object?>[] Keys) Read(string path, bool hasHeader, NumberSelection[] numbers, int[] keys, int batchRows)
    {
        using TableSource table = Open(path, hasHeader);
        return Read(table, numbers, keys, batchRows);
    }

    public static TableSource Open(string path, bool hasHeader) => Open(TableInput.Of(path), hasHeader);

    public static TableSource Open(TableInput input, bool hasHeader, RowGroupRange? groups = null) =>
        TableSource.Open(input, hasHeader, groups, TestContext.Current.CancellationToken);

    public static (List<double>[] Numbers, List<object?>[] Keys) Read(TableSource table, NumberSelection[] numbers, int[] keys, int batchRows)
    {
        var rows = new TableRows(numbers.Length, batchRows) { Keys = [.. keys.Select(key => table.Key(key).NewBuffer(batchRows))] };
        List<double>[] allNumbers = [.. numbers.Select(_ => new List<double>())];
        List<object?>[] allKeys = [.. keys.Select(_ => new List<object?>())];
        foreach (TablePiece piece in table.Pieces(new TableSelection([.. numbers], [.. keys]), CancellationToken.None))
        {
            using TablePiece open = piece;
            while (piece.Read(rows, OneThread))
            {
                for (int n = 0; n < numbers.Length; n++)
                    for (int row = 0; row < rows.Count; row++) allNumbers[n].Add(rows.Numbers[n][row]);
                for (int k = 0; k < keys.Length; k++) allKeys[k].AddRange(Boxed(rows.Keys[k], rows.Count));
            }
        }

        return (allNumbers, allKeys);
    }

    private static IEnumerable<object?> Boxed(KeyBuffer buffer, int rows)
    {
        object[] values = buffer switch
        {
            KeyBuffer<bool> bools => [.. bools.Values.ToArray().Cast<object>()],
            KeyBuffer<int> ints => [.. ints.Values.ToArray().Cast<object>()],
            KeyBuffer<long> longs => [.. longs.Values.ToArray().Cast<object>()],
            KeyBuffer<float> floats => [.. floats.Values.ToArray().Select(BitConverter.SingleToInt32Bits).Cast<object>()],
            KeyBuffer<double> doubles => [.. doubles.Values.ToArray().Select(BitConverter.DoubleToInt64Bits).Cast<object>()],
            BytesKeyBuffer bytes => [.. Enumerable.Range(0, bytes.Count).Select(i => Encoding.Latin1.GetString(bytes.Bytes.AsSpan(bytes[i]))).Cast<object>()],
            _ => throw new InvalidOperationException(buffer.GetType().Name),
        };
        int next = 0;
        for (int row = 0; row < rows; row++) yield return buffer.Present[row] == 0 ? null : values[next++];
    }
}
