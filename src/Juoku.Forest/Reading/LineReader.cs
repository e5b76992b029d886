namespace Juoku.Forest.Reading;

/// <summary>Walks the lines of a text in memory, counting them; lines end with LF or CR LF and are handed out without either.</summary>
internal ref struct LineReader(ReadOnlySpan<byte> text, int start = 0, int line = 0)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _next = start;

    /// <summary>Number of the current line, from 1.</summary>
    public int Line { get; private set; } = line;

    /// <summary>Offset of the current line in the text.</summary>
    public int Start { get; private set; } = start;

    /// <summary>The current line without its end.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Whether the current line ends with a line feed; the last line of a text that was cut does not.</summary>
    public bool IsTerminated { get; private set; }

    /// <summary>Moves to the next line; false at the end of the text.</summary>
    public bool Next()
    {
        if (_next >= _text.Length) return false;
        Start = _next;
        Line++;
        ReadOnlySpan<byte> rest = _text[_next..];
        int length = rest.IndexOf((byte)'\n');
        IsTerminated = length >= 0;
        if (!IsTerminated) length = rest.Length;
        _next += length + 1;
        Current = rest[..length];
        if (Current is [.., (byte)'\r']) Current = Current[..^1];
        return true;
    }

    /// <summary>Moves to the next line that is not empty; false at the end of the text.</summary>
    public bool NextFilled()
    {
        while (Next())
            if (!Current.IsEmpty) return true;
        return false;
    }
}
