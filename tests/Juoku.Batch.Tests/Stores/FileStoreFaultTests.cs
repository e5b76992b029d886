using System.Diagnostics;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Tests.Stores;

/// <summary>What a folder as a store does when its disk or its writers fail.</summary>
public sealed class FileStoreFaultTests : IDisposable
{
    private const string FolderVariable = "JUOKU_TEST_STORE";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writer_ProcessKilled_LeavesNothingButWhatASweepRemoves()
    {
        FileStore store = FileStore.Open(_folder.Path);
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-explicit", "only", "-method", $"*{nameof(Writer_InAProcessOfItsOwn_NeverEnds)}", "-noLogo"])
        {
            RedirectStandardOutput = true,
            Environment = { [FolderVariable] = _folder.Path },
        };
        using Process writer = Process.Start(start)!;
        try
        {
            while (!File.Exists(_folder["ready"]) && !writer.HasExited) await Task.Delay(20, Stop);
            Assert.Equal(0, await store.SweepAsync("", TimeSpan.Zero, Stop)); // it still writes
        }
        finally
        {
            writer.Kill();
            await writer.WaitForExitAsync(Stop);
        }

        Assert.Null(await store.FindAsync("parts/1", Stop));
        Assert.Equal(["ready"], await store.ListAsync("", Stop).Select(item => item.Key).ToArrayAsync(Stop));
        Assert.Equal(0, await store.SweepAsync("", TimeSpan.FromHours(1), Stop));
        Assert.Equal(0, await store.SweepAsync("other/", TimeSpan.Zero, Stop));
        Assert.Equal(1, await store.SweepAsync("parts/", TimeSpan.Zero, Stop));
        Assert.Empty(Directory.GetFiles(_folder["parts"]));
    }

    [Fact(Explicit = true)]
    public async Task Writer_InAProcessOfItsOwn_NeverEnds()
    {
        string folder = Environment.GetEnvironmentVariable(FolderVariable) ?? throw new InvalidOperationException("Only another test runs this.");
        FileStore store = FileStore.Open(folder);
        await using ObjectWriter writer = await store.CreateAsync("parts/1", Stop);
        await writer.Stream.WriteAsync(new byte[1 << 20], Stop);
        await store.PutAsync("ready", Array.Empty<byte>(), PutCondition.None, Stop);
        await Task.Delay(Timeout.Infinite, Stop);
        Assert.Fail("It was to be killed.");
    }

    [Fact]
    public async Task Store_FolderCannotBeMade_SaysWhatAndWhere()
    {
        FileStore store = FileStore.Open("/proc/juoku");

        StoreException put = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("x", new byte[1], PutCondition.None, Stop));
        StoreException create = await Assert.ThrowsAsync<StoreException>(() => store.CreateAsync("x", Stop));

        Assert.All([put, create], error => Assert.StartsWith("/proc/juoku/x: cannot be written (", error.Message));
        Assert.Null(await store.FindAsync("x", Stop));
    }

    [Fact]
    public async Task Store_FolderIsAFile_SaysWhatAndWhere()
    {
        FileStore store = FileStore.Open(_folder.Write("file", "text"));

        StoreException put = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("x", new byte[1], PutCondition.None, Stop));

        Assert.StartsWith($"{_folder["file"]}/x: cannot be written (", put.Message);
    }

    [Fact]
    public async Task Store_DiskFull_SaysSoAndKeepsWhatWasThere()
    {
        string disk = _folder["disk"];
        Directory.CreateDirectory(disk);
        using (Process mount = Process.Start(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]) { RedirectStandardError = true })!)
        {
            await mount.WaitForExitAsync(Stop);
            Assert.SkipUnless(mount.ExitCode == 0, "no small disk could be mounted; that takes root");
        }

        try
        {
            FileStore store = FileStore.Open(disk);
            await store.PutAsync("x", new byte[1000], PutCondition.None, Stop);

            StoreException put = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("x", new byte[2 << 20], PutCondition.None, Stop));
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await using ObjectWriter writer = await store.CreateAsync("x", Stop);
                await writer.Stream.WriteAsync(new byte[2 << 20], Stop);
                await writer.CompleteAsync(Stop);
            });

            Assert.Contains("No space left", put.Message);
            Assert.Equal(1000, (await store.FindAsync("x", Stop))?.Length);
            Assert.Equal([Path.Combine(disk, "x")], Directory.GetFiles(disk));
            await store.PutAsync("y", new byte[500_000], PutCondition.IfAbsent, Stop);
        }
        finally
        {
            using Process unmount = Process.Start("umount", [disk]);
            await unmount.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("../x"), InlineData("/x"), InlineData("a//b"), InlineData("a/.hidden"), InlineData("a/"), InlineData("")]
    public async Task Key_NoNameOfAnObject_IsRefused(string key)
    {
        StoreException error = await Assert.ThrowsAsync<StoreException>(() => FileStore.Open(_folder.Path).PutAsync(key, new byte[1], PutCondition.None, Stop));

        Assert.Contains("is no name of an object", error.Message);
    }
}
