namespace Juoku.Batch.Tables.Parquet;

/// <summary>Walks data in Thrift's compact protocol: structs of numbered fields, each read or skipped.</summary>
internal ref struct CompactThrift(ReadOnlySpan<byte> bytes)
{
    private const int True = 1, False = 2, Byte = 3, I16 = 4, I32 = 5, I64 = 6, Double = 7, Binary = 8, List = 9, Set = 10, Map = 11, Struct = 12;
    private const int MostNesting = 64;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;
    private int _type;
    private int _field;
    private int _nesting;

    /// <summary>Enters a struct; what is returned goes to <see cref="End"/>.</summary>
    public int Begin()
    {
        if (++_nesting > MostNesting) throw Damaged();
        int outer = _field;
        _field = 0;
        return outer;
    }

    /// <summary>Leaves the struct.</summary>
    public void End(int outer)
    {
        _field = outer;
        _nesting--;
    }

    /// <summary>The next field of the struct; false at its end. Its value must be read or skipped.</summary>
    public bool Next(out int field)
    {
        byte head = TakeByte();
        _type = head & 15;
        if (_type != 0) _field = head >> 4 is > 0 and int delta ? _field + delta : (int)Integer();
        field = _field;
        return _type != 0;
    }

    /// <summary>An integer of any width.</summary>
    public long Integer()
    {
        ulong value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>Enters a list; its elements follow.</summary>
    public int ListCount()
    {
        byte head = TakeByte();
        _type = head & 15;
        ulong count = head >> 4 == 15 ? Varint() : (ulong)(head >> 4);
        return count <= (ulong)_bytes.Length ? (int)count : throw Damaged();
    }

    /// <summary>Passes over the value of the field.</summary>
    public void Skip()
    {
        // A boolean field's value is its type.
        if (_type is not (True or False)) SkipValue(_type);
    }

    private void SkipValue(int type)
    {
        switch (type)
        {
            case True or False or Byte: TakeByte(); break;
            case I16 or I32 or I64: Varint(); break;
            case Double: Advance(8); break;
            case Binary: Advance(Varint()); break;
            case List or Set: SkipList(); break;
            case Map: SkipMap(); break;
            case Struct:
                int outer = Begin();
                while (Next(out _)) Skip();
                End(outer);
                break;
            default: throw Damaged();
        }
    }

    private void SkipList()
    {
        int count = ListCount();
        for (int type = _type; count > 0; count--) SkipValue(type);
    }

    private void SkipMap()
    {
        ulong count = Varint();
        if (count == 0) return;
        byte types = TakeByte();
        for (; count > 0; count--)
        {
            SkipValue(types >> 4);
            SkipValue(types & 15);
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = TakeByte();
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }

        throw Damaged();
    }

    private byte TakeByte() => _at < _bytes.Length ? _bytes[_at++] : throw Damaged();

    private void Advance(ulong count) => _at = count <= (ulong)(_bytes.Length - _at) ? _at + (int)count : throw Damaged();

    private static InvalidDataException Damaged() => new("not a Parquet footer");
}
