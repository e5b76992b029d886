using System.Runtime.InteropServices;

namespace Juoku.Batch.Stores;

/// <summary>What POSIX offers and .NET does not.</summary>
internal static partial class NativeFiles
{
    private const int AlreadyExists = 17;

    /// <summary>Gives a file a second name if that is free: one step, which fails where a rename would replace. False when it is taken.</summary>
    public static bool TryLink(string file, string name)
    {
        if (Link(file, name) == 0) return true;
        int error = Marshal.GetLastPInvokeError();
        return error == AlreadyExists ? false : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    /// <summary>Flushes a folder to the disk: a new name in it survives a power loss only after that.</summary>
    public static void FlushFolder(string folder)
    {
        int descriptor = Open(folder, flags: 0, mode: 0);
        if (descriptor < 0) throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        int result = Flush(descriptor);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (result != 0) throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
