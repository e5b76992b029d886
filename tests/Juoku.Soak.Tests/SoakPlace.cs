using System.Diagnostics;
using Juoku.Aws;
using Juoku.Batch;
using Juoku.Batch.Queues;
using Juoku.Batch.Stores;

namespace Juoku.Soak.Tests;

/// <summary>Where a run takes place: a store and a queue, and what can be done to them from outside.</summary>
internal abstract class SoakPlace(string folder) : IAsyncDisposable
{
    /// <summary>What it is, for the summary.</summary>
    public abstract string Name { get; }

    /// <summary>A folder of its own on the local disk.</summary>
    public string Folder => folder;

    public abstract string StoreUrl { get; }

    public abstract string QueueUrl { get; }

    /// <summary>The store, without trouble.</summary>
    public virtual IStore OpenStore() => Adapters.Local.AddAws().OpenStore(StoreUrl);

    /// <summary>The queue, without trouble.</summary>
    public virtual IQueue OpenQueue() => Adapters.Local.AddAws().OpenQueue(QueueUrl);

    /// <summary>Disturbs it for a while; null when there is nothing to disturb it with.</summary>
    public virtual Task<string?> DisturbAsync(Random random, CancellationToken cancellation) => Task.FromResult<string?>(null);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs a program; its exit code.</summary>
    protected static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}

/// <summary>A folder and a SQLite queue on this machine's disk, which is put under load where stress-ng is installed.</summary>
internal sealed class LocalPlace(string folder) : SoakPlace(folder)
{
    private const string StressNg = "/usr/bin/stress-ng";

    /// <summary>Why the disk cannot be put under load; null when it can.</summary>
    public static string? Missing => File.Exists(StressNg) ? null : "disk under load (stress-ng is not installed)";

    public override string Name => "folder + SQLite";

    public override string StoreUrl => new Uri(Path.Combine(Folder, "data")).AbsoluteUri;

    public override string QueueUrl => $"sqlite:{Folder}/queue.db";

    public override async Task<string?> DisturbAsync(Random random, CancellationToken cancellation)
    {
        if (Missing is not null) return null;
        await RunAsync(StressNg, "--hdd", "2", "--hdd-bytes", "64m", "--hdd-opts", "fsync", "--temp-path", Folder, "--timeout", $"{5 + random.Next(10)}s", "--quiet");
        return "disk under load";
    }
}

/// <summary>The same on a small disk of its own, which is full now and then.</summary>
internal sealed class SmallDiskPlace : SoakPlace
{
    private SmallDiskPlace(string folder)
        : base(folder)
    {
    }

    public override string Name => "small disk that fills up";

    public override string StoreUrl => new Uri(Path.Combine(Folder, "disk", "data")).AbsoluteUri;

    public override string QueueUrl => $"sqlite:{Folder}/disk/queue.db";

    /// <summary>Mounts the disk; null where that is not allowed.</summary>
    public static async Task<SmallDiskPlace?> MountAsync(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "disk"));
        return await RunAsync("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", Path.Combine(folder, "disk")) == 0 ? new SmallDiskPlace(folder) : null;
    }

    public override async Task<string?> DisturbAsync(Random random, CancellationToken cancellation)
    {
        string ballast = Path.Combine(Folder, "disk", "ballast");
        try
        {
            await using var file = new FileStream(ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            var block = new byte[4096];
            while (true) file.Write(block);
        }
        catch (IOException)
        {
            // Full, as it is meant to be.
        }

        try
        {
            await Task.Delay(TimeSpan.FromSeconds(1 + 3 * random.NextDouble()), cancellation);
        }
        finally
        {
            File.Delete(ballast);
        }

        return "disk full";
    }

    public override async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", Path.Combine(Folder, "disk"));
}
