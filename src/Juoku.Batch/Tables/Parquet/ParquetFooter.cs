using System.Collections.Immutable;

namespace Juoku.Batch.Tables.Parquet;

/// <summary>
/// Where the column chunks of a Parquet file lie. Parquet's library knows, but does not tell; so the few fields are read from the footer, which
/// is Thrift's compact protocol. They serve only to read ahead: a wrong one costs time, never a value.
/// </summary>
internal static class ParquetFooter
{
    /// <summary>Bytes at the end of a file: length of the footer, and <c>PAR1</c>.</summary>
    public const int TailBytes = 8;

    /// <summary>The chunks of each row group, by column.</summary>
    /// <exception cref="InvalidDataException">The bytes are no footer.</exception>
    public static ImmutableArray<ImmutableArray<ByteRange>> Read(ReadOnlySpan<byte> footer)
    {
        var groups = ImmutableArray.CreateBuilder<ImmutableArray<ByteRange>>();
        var thrift = new CompactThrift(footer);
        int depth = thrift.Begin();
        while (thrift.Next(out int field))
        {
            if (field != 4)
            {
                thrift.Skip();
                continue;
            }

            for (int count = thrift.ListCount(); count > 0; count--) groups.Add(RowGroup(ref thrift));
        }

        thrift.End(depth);
        return groups.ToImmutable();
    }

    private static ImmutableArray<ByteRange> RowGroup(ref CompactThrift thrift)
    {
        ImmutableArray<ByteRange> chunks = [];
        int outer = thrift.Begin();
        while (thrift.Next(out int field))
        {
            if (field != 1)
            {
                thrift.Skip();
                continue;
            }

            var builder = ImmutableArray.CreateBuilder<ByteRange>();
            for (int count = thrift.ListCount(); count > 0; count--) builder.Add(Chunk(ref thrift));
            chunks = builder.ToImmutable();
        }

        thrift.End(outer);
        return chunks;
    }

    private static ByteRange Chunk(ref CompactThrift thrift)
    {
        ByteRange range = default;
        int outer = thrift.Begin();
        while (thrift.Next(out int field))
        {
            if (field == 3) range = MetaData(ref thrift);
            else thrift.Skip();
        }

        thrift.End(outer);
        return range;
    }

    private static ByteRange MetaData(ref CompactThrift thrift)
    {
        long length = 0, data = 0, dictionary = 0;
        int outer = thrift.Begin();
        while (thrift.Next(out int field))
        {
            switch (field)
            {
                case 7: length = thrift.Integer(); break;
                case 9: data = thrift.Integer(); break;
                case 11: dictionary = thrift.Integer(); break;
                default: thrift.Skip(); break;
            }
        }

        thrift.End(outer);
        return new ByteRange(dictionary > 0 && dictionary < data ? dictionary : data, length);
    }
}

/// <summary>Bytes of a file.</summary>
internal readonly record struct ByteRange(long Start, long Length)
{
    public long End => Start + Length;
}
