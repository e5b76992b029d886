using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Juoku.Learning.LightGbm;

/// <summary>
/// Where LightGBM's log goes: to whoever listens on the calling thread, else to standard error, never to standard output. LightGBM hands a
/// line over in several calls, which are put together here.
/// </summary>
public static unsafe class LightGbmLog
{
    [ThreadStatic]
    private static Listener? _listener;

    [ThreadStatic]
    private static string? _line;

    internal static delegate* unmanaged[Cdecl]<byte*, void> Callback => &Receive;

    /// <summary>Hands what LightGBM says on this thread to <paramref name="lines"/>, line by line, until disposed on the same thread.</summary>
    /// <param name="lines">Gets each line without LightGBM's own prefix, such as <c>Warning: No further splits with positive gain</c>.</param>
    public static IDisposable Listen(Action<string> lines) => _listener = new Listener(lines, _listener);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Receive(byte* text)
    {
        try
        {
            _line += Marshal.PtrToStringUTF8((nint)text);
            if (!_line.EndsWith('\n')) return;
            string line = Readable(_line.TrimEnd());
            _line = null;
            if (_listener is { } listener) listener.Lines(line);
            else Console.Error.WriteLine($"LightGBM: {line}");
        }
        catch (IOException)
        {
            // Nobody reads standard error; an exception must not cross into native code.
        }
    }

    /// <summary><c>[LightGBM] [Warning] text</c> → <c>Warning: text</c>; what is no warning loses its level.</summary>
    private static string Readable(string line)
    {
        const string Prefix = "[LightGBM] [";
        int end = line.IndexOf("] ", Prefix.Length - 1, StringComparison.Ordinal);
        if (!line.StartsWith(Prefix, StringComparison.Ordinal) || end < 0) return line;
        string level = line[Prefix.Length..end];
        return level == "Info" ? line[(end + 2)..] : $"{level}: {line[(end + 2)..]}";
    }

    private sealed record Listener(Action<string> Lines, Listener? Outer) : IDisposable
    {
        public void Dispose() => _listener = Outer;
    }
}
