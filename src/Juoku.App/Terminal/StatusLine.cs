using System.Diagnostics;

namespace Juoku.App.Terminal;

/// <summary>Says what is going on: on a terminal in one line that changes, elsewhere in a new line now and then.</summary>
/// <param name="writer">Where to say it.</param>
/// <param name="isTerminal">The writer is a terminal, whose line can be written over.</param>
internal sealed class StatusLine(TextWriter writer, bool isTerminal) : IProgress<string>, IDisposable
{
    private static readonly TimeSpan TerminalPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(5);

    private long _last;
    private int _shown;

    /// <inheritdoc/>
    public void Report(string value)
    {
        if (_last != 0 && Stopwatch.GetElapsedTime(_last) < (isTerminal ? TerminalPause : LogPause)) return;
        _last = Stopwatch.GetTimestamp();
        if (!isTerminal)
        {
            writer.WriteLine(value);
            return;
        }

        writer.Write("\r" + value.PadRight(_shown));
        _shown = value.Length;
    }

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        if (_shown > 0) writer.Write("\r" + new string(' ', _shown) + "\r");
    }
}
