using System.Runtime.InteropServices;

namespace Juoku.Forest.Emitting;

/// <summary>Machine code in pages of its own: written once, then executable and no longer writable; unmapped with the handle.</summary>
internal sealed unsafe partial class ExecutableMemory : SafeHandle
{
    private const int ProtRead = 1, ProtWrite = 2, ProtExec = 4;
    private const int MapPrivate = 2;
    private const uint MemCommitReserve = 0x3000, MemRelease = 0x8000, PageReadWrite = 0x04, PageExecuteRead = 0x20;

    private readonly nuint _length;

    private ExecutableMemory(nint address, nuint length)
        : base(-1, ownsHandle: true)
    {
        SetHandle(address);
        _length = length;
    }

    public override bool IsInvalid => handle is -1 or 0;

    public byte* Start => (byte*)handle;

    /// <summary>Maps the pieces of code one after another; null where the system does not allow programs to make executable memory.</summary>
    public static ExecutableMemory? TryMap(byte[][] pieces)
    {
        nuint length = 0;
        foreach (byte[] piece in pieces) length += (nuint)piece.Length;
        nint address = OperatingSystem.IsWindows()
            ? VirtualAlloc(0, length, MemCommitReserve, PageReadWrite)
            : mmap(0, length, ProtRead | ProtWrite, MapPrivate | MapAnonymous, -1, 0);
        var memory = new ExecutableMemory(address, length);
        if (memory.IsInvalid) throw new OutOfMemoryException($"No memory for {length} bytes of scoring code.");

        byte* target = memory.Start;
        foreach (byte[] piece in pieces)
        {
            piece.CopyTo(new Span<byte>(target, piece.Length));
            target += piece.Length;
        }

        bool isExecutable = OperatingSystem.IsWindows()
            ? VirtualProtect(address, length, PageExecuteRead, out _)
            : mprotect(address, length, ProtRead | ProtExec) == 0;
        if (isExecutable) return memory;
        memory.Dispose();
        return null;
    }

    protected override bool ReleaseHandle() => OperatingSystem.IsWindows() ? VirtualFree(handle, 0, MemRelease) : munmap(handle, _length) == 0;

    private static int MapAnonymous => OperatingSystem.IsMacOS() ? 0x1000 : 0x20;

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(nint address, nuint length, int protection);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint address, nuint length);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial nint VirtualAlloc(nint address, nuint size, uint type, uint protection);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualProtect(nint address, nuint size, uint protection, out uint previous);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualFree(nint address, nuint size, uint type);
}
