namespace Juoku.Batch.Supervision;

/// <summary>How long to wait before a crashed worker is replaced: doubling from crash to crash, forgiven by one that ran for a while.</summary>
internal sealed class RestartPause(SupervisorOptions options)
{
    private int _inRow;

    /// <summary>Crashes in a row.</summary>
    public int InRow => _inRow;

    /// <summary>When workers may be started again.</summary>
    public TimeSpan Until { get; private set; }

    /// <summary>A worker crashed.</summary>
    public void Crashed(TimeSpan ran, TimeSpan now)
    {
        _inRow = ran >= options.Healthy ? 1 : _inRow + 1;
        TimeSpan pause = options.FirstPause * Math.Pow(2, Math.Min(_inRow - 1, 20));
        Until = now + (pause < options.LongestPause ? pause : options.LongestPause);
    }
}
