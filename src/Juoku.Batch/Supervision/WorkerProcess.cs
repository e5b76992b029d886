using System.Diagnostics;

namespace Juoku.Batch.Supervision;

/// <summary>A worker in a process of its own. Its standard input stays open as long as the supervisor lives: a worker that reads its end is an orphan.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;

    public WorkerProcess(int slot, ProcessStartInfo command, TimeSpan now)
    {
        command.RedirectStandardInput = true;
        Slot = slot;
        Started = now;
        _process = Process.Start(command) ?? throw new InvalidOperationException($"{command.FileName} did not start.");
    }

    /// <summary>Which of the workers it is, from 0.</summary>
    public int Slot { get; }

    public int Id => _process.Id;

    public TimeSpan Started { get; }

    /// <summary>When it was told to stop; null while it is wanted.</summary>
    public TimeSpan? Stopping { get; private set; }

    /// <summary>Its exit code; null while it runs.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>Tells it to finish what it is doing and end.</summary>
    public void Stop(TimeSpan now)
    {
        Stopping ??= now;
        Termination.Request(_process);
    }

    public void Kill() => _process.Kill();

    public void Dispose() => _process.Dispose();
}
