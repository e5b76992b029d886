using System.Collections;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Juoku.Bench.Predict;

/// <summary>What one process cost, from its start until it was gone.</summary>
/// <param name="ExitCode">Its exit code; 128 + the signal's number where a signal ended it.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="PeakResidentBytes">Most memory it held at any time, as the kernel counted.</param>
public sealed record ProcessCost(int ExitCode, double Seconds, long PeakResidentBytes)
{
    /// <summary>The cost as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ProcessJson.Default.ProcessCost);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static ProcessCost FromJson(string json) =>
        JsonSerializer.Deserialize(json, ProcessJson.Default.ProcessCost) ?? throw new JsonException("The measuring process printed no result.");
}

/// <summary>
/// Runs a process to its end and lets the kernel say what it cost: <c>wait4</c> tells a child's peak memory exactly, which the framework's own
/// process class, polling, may miss. To the kernel a child has once held what its parent held when it started it, so the parent
/// must be small itself: <see cref="MeasuringCommand"/> is.
/// </summary>
public static unsafe partial class ChildProcess
{
    /// <summary>Name of the hidden command that runs another in a small process of its own and prints its cost.</summary>
    public const string MeasuringCommand = "measure-process";

    private const int OpenWriteCreateTruncate = 0x241;
    private const int MaxResidentOffset = 4;
    private const int Interrupted = 4;

    /// <summary>Runs a command, its standard output and error written to files.</summary>
    /// <param name="command">Path of the program and its arguments.</param>
    /// <param name="outputPath">File for standard output.</param>
    /// <param name="errorPath">File for standard error.</param>
    /// <exception cref="PlatformNotSupportedException">This is not 64-bit Linux.</exception>
    /// <exception cref="Win32Exception">The process could not be started.</exception>
    public static ProcessCost Run(IReadOnlyList<string> command, string outputPath, string errorPath)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess) throw new PlatformNotSupportedException("The memory of a process is measured on 64-bit Linux only.");

        string[] environment = [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}")];
        // posix_spawn_file_actions_t is opaque and 80 bytes long in glibc, fewer in musl.
        byte* actions = stackalloc byte[256];
        Require(FileActionsInit(actions), "posix_spawn_file_actions_init");
        Require(FileActionsAddOpen(actions, 1, outputPath, OpenWriteCreateTruncate, 0x1A4), "posix_spawn_file_actions_addopen");
        Require(FileActionsAddOpen(actions, 2, errorPath, OpenWriteCreateTruncate, 0x1A4), "posix_spawn_file_actions_addopen");
        try
        {
            long start = Stopwatch.GetTimestamp();
            Require(Spawn(out int pid, command[0], actions, null, [.. command, null], [.. environment, null]), $"starting {command[0]}");

            long* usage = stackalloc long[32];
            int status;
            while (Wait4(pid, out status, 0, usage) < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error != Interrupted) throw new Win32Exception(error, "wait4: " + Marshal.GetPInvokeErrorMessage(error));
            }

            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            int signal = status & 0x7F;
            return new ProcessCost(signal == 0 ? (status >> 8) & 0xFF : 128 + signal, seconds, usage[MaxResidentOffset] * 1024);
        }
        finally
        {
            FileActionsDestroy(actions);
        }
    }

    private static void Require(int error, string doing)
    {
        if (error != 0) throw new Win32Exception(error, $"{doing}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int FileActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileActionsAddOpen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int FileActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(out int pid, string path, byte* actions, void* attributes, string?[] arguments, string?[] environment);

    [LibraryImport("libc", EntryPoint = "wait4", SetLastError = true)]
    private static partial int Wait4(int pid, out int status, int options, long* usage);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProcessCost))]
internal sealed partial class ProcessJson : JsonSerializerContext;
