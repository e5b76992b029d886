namespace Juoku.Forest.Tests;

/// <summary>Turns row-major values into columns of every type that holds them exactly.</summary>
internal static class Columns
{
    /// <summary>Doubles for every feature.</summary>
    public static Column[] Doubles(ReadOnlySpan<double> rows, int features)
    {
        var columns = new Column[features];
        for (int f = 0; f < features; f++) columns[f] = Column.Of(Feature(rows, features, f));
        return columns;
    }

    /// <summary>The narrowest type that holds every value of the feature exactly; nulls instead of NaN for integers.</summary>
    public static Column[] Narrowest(ReadOnlySpan<double> rows, int features)
    {
        var columns = new Column[features];
        for (int f = 0; f < features; f++)
        {
            double[] values = Feature(rows, features, f);
            bool[] present = [.. values.Select(value => !double.IsNaN(value))];
            double[] known = [.. values.Where(value => !double.IsNaN(value))];
            columns[f] =
                known.All(value => IsBits(value, value == 1 ? 1 : 0)) ? Column.Of(Array.ConvertAll(values, value => value == 1), Bitmap(present)) :
                known.All(value => value is >= int.MinValue and <= int.MaxValue && IsBits(value, (int)value)) ? Column.Of(Array.ConvertAll(values, value => double.IsNaN(value) ? 7 : (int)value), Bitmap(present)) :
                known.All(value => Math.Abs(value) < 1L << 53 && IsBits(value, (long)value)) ? Column.Of(Array.ConvertAll(values, value => double.IsNaN(value) ? 7 : (long)value), Bitmap(present)) :
                known.All(value => IsBits(value, (float)value)) ? Column.Of(Array.ConvertAll(values, value => (float)value)) :
                Column.Of(values);
        }

        return columns;
    }

    private static bool IsBits(double value, double other) => BitConverter.DoubleToInt64Bits(value) == BitConverter.DoubleToInt64Bits(other);

    private static double[] Feature(ReadOnlySpan<double> rows, int features, int feature)
    {
        double[] values = new double[rows.Length / features];
        for (int i = 0; i < values.Length; i++) values[i] = rows[(i * features) + feature];
        return values;
    }

    private static byte[] Bitmap(bool[] present)
    {
        byte[] bits = new byte[(present.Length + 7) / 8];
        for (int i = 0; i < present.Length; i++)
            if (present[i]) bits[i / 8] |= (byte)(1 << (i % 8));
        return bits;
    }
}
