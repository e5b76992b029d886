using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Juoku.Batch.Supervision;

/// <summary>Tells processes to end in good order: SIGTERM, for which .NET has no call.</summary>
public static partial class Termination
{
    private const int Sigterm = 15;

    /// <summary>Tells a process to finish what it is doing and end. Nothing happens to one that has ended.</summary>
    public static void Request(Process process)
    {
        if (!process.HasExited) _ = Signal(process.Id, Sigterm); // fails only where it has just ended by itself
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int pid, int signal);
}
