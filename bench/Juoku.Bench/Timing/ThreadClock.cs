using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Juoku.Bench.Timing;

/// <summary>
/// The processor time of the calling thread, which stands still while other processes have its core. Right for what one thread computes
/// from memory; work that is handed to other threads does not count, so it is not what figures to keep are measured by.
/// </summary>
internal sealed unsafe partial class ThreadClock : TimeProvider
{
    private const int ThreadCpuTime = 3;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp()
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("The time of a thread is measured on Linux only.");
        long* time = stackalloc long[2];
        if (ClockGetTime(ThreadCpuTime, time) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        return time[0] * TimestampFrequency + time[1];
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, long* time);
}
