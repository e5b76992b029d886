using System.Reflection;
using System.Runtime.InteropServices;

namespace Juoku.Learning.LightGbm;

/// <summary>Loads LightGBM's native library, explains why it cannot where it cannot, and keeps its log off standard output.</summary>
internal static unsafe partial class LightGbmLibrary
{
    /// <summary>Name the runtime probes for, as the package ships it.</summary>
    public const string Name = "lib_lightgbm";

    [ThreadStatic]
    private static bool _logRedirected;

    static LightGbmLibrary() => NativeLibrary.SetDllImportResolver(typeof(LightGbmLibrary).Assembly, Resolve);

    /// <summary>
    /// Prepares the calling thread: every native call but the very short ones comes after it. LightGBM logs to standard
    /// output, where results go, unless each thread that calls it says otherwise.
    /// </summary>
    public static void Enter()
    {
        if (_logRedirected) return;
        Check(NativeMethods.RegisterLogCallback(LightGbmLog.Callback), "LGBM_RegisterLogCallback");
        _logRedirected = true;
    }

    /// <summary>Throws what LightGBM says about <paramref name="call"/> when <paramref name="status"/> is a failure.</summary>
    /// <exception cref="LightGbmException">The call failed.</exception>
    public static void Check(int status, string call)
    {
        if (status != 0) throw new LightGbmException(call, Marshal.PtrToStringUTF8((nint)NativeMethods.GetLastError())?.TrimEnd() ?? "no reason given");
    }

    /// <summary>What to tell a person when the library cannot be loaded on this platform, or did not load for the given reason.</summary>
    public static string Explain(Architecture architecture, string loaderMessage) => architecture != Architecture.X64
        ? $"LightGBM's native library exists for x64 only, and this process is {architecture}: train on an x64 machine (scoring needs no LightGBM)."
        : loaderMessage.Contains("libgomp", StringComparison.Ordinal)
            ? "LightGBM's native library needs the OpenMP runtime libgomp.so.1: install it (Debian, Ubuntu: apt-get install libgomp1; Fedora: dnf install libgomp)."
            : $"LightGBM's native library could not be loaded; on Linux it needs libgomp1 and glibc: {FirstLine(loaderMessage)}";

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Name) return 0;
        Architecture architecture = RuntimeInformation.ProcessArchitecture;
        if (architecture != Architecture.X64) throw new LightGbmUnavailableException(Explain(architecture, ""));
        try
        {
            // OpenMP threads spin while they wait for each other. Where cores are shared with other processes, or a container may not use
            // all it sees, that turns seconds of training into minutes; waiting passively costs little elsewhere. OpenMP reads this as it loads,
            // from the process's own environment, which the framework's calls do not change; what the user has set stays.
            if (!OperatingSystem.IsWindows()) SetEnvironment("OMP_WAIT_POLICY", "passive", overwrite: 0);
            return NativeLibrary.Load(name, assembly, path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new LightGbmUnavailableException(Explain(architecture, error.Message), error);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();
}
