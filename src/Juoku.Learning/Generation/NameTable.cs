using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ParquetSharp;

namespace Juoku.Learning.Generation;

/// <summary>Names by code, kept as UTF-8 at addresses that do not move, as Parquet's writer wants them.</summary>
internal sealed class NameTable
{
    private readonly byte[] _bytes;
    private readonly ByteArray[] _pointers;

    public unsafe NameTable(IEnumerable<string> names)
    {
        Names = [.. names];
        byte[][] encoded = [.. Names.Select(System.Text.Encoding.UTF8.GetBytes)];
        _bytes = GC.AllocateArray<byte>(Math.Max(1, encoded.Sum(name => name.Length)), pinned: true);
        _pointers = new ByteArray[encoded.Length];
        int end = 0;
        for (int i = 0; i < encoded.Length; i++)
        {
            encoded[i].CopyTo(_bytes, end);
            _pointers[i] = new ByteArray((nint)Unsafe.AsPointer(ref _bytes[end]), encoded[i].Length);
            end += encoded[i].Length;
        }
    }

    public ImmutableArray<string> Names { get; }

    public int Count => _pointers.Length;

    public ByteArray this[int code] => _pointers[code];
}
