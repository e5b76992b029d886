using System.Diagnostics;
using Juoku.Batch.Queues;
using Microsoft.Data.Sqlite;

namespace Juoku.Batch.Tests.Queues;

public sealed class SqliteQueueFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sqlite:")]
    [InlineData("sqlite:./data/")]
    [InlineData("sqlite:./queue.db?visibility=30")]
    [InlineData("sqlite://server/queue.db")]
    public void Open_UrlWithoutAFile_IsRefused(string url) =>
        Assert.StartsWith($"'{url}': ", Assert.Throws<AddressException>(() => Adapters.Local.OpenQueue(url)).Message);

    [Fact]
    public async Task Open_AbsoluteUrl_MeansThatPath()
    {
        await using IQueue queue = Adapters.Local.OpenQueue($"sqlite://{_folder["my%20queue.db"]}");
        await queue.SendAsync(["work"], Cancellation);

        Assert.Contains("my queue.db", _folder.Names);
    }

    [Fact]
    public Task Use_FolderMissing_SaysWhich() => AssertFaultAsync($"sqlite:{_folder["none"]}/queue.db", $"there is no folder {_folder["none"]}");

    [Fact]
    public Task Use_Folder_SaysSo() => AssertFaultAsync($"sqlite:{_folder.Path}", "is a folder; name a file");

    [Fact]
    public Task Use_FolderThatTakesNoFiles_SaysSo() => AssertFaultAsync("sqlite:/proc/queue.db", "correct its permissions and those of its folder");

    [Fact]
    public Task Use_TextFile_SaysSo() =>
        AssertFaultAsync($"sqlite:{_folder.Write("notes.txt", string.Join('\n', Enumerable.Repeat("not a queue", 100)))}", "is not a queue");

    [Fact]
    public async Task Use_AnotherProgramsDatabase_IsRefusedAndLeftAlone()
    {
        await ExecuteAsync("other.db", "CREATE TABLE theirs (x)");
        await AssertFaultAsync($"sqlite:{_folder["other.db"]}", "is a database of another program");
        await ExecuteAsync("other.db", "SELECT x FROM theirs");
    }

    [Fact]
    public async Task Use_LaterLayout_IsRefused()
    {
        await using (SqliteQueue queue = SqliteQueue.Open($"sqlite:{_folder["queue.db"]}")) await queue.SendAsync(["work"], Cancellation);
        await ExecuteAsync("queue.db", "PRAGMA user_version = 99");
        await AssertFaultAsync($"sqlite:{_folder["queue.db"]}", "layout 99, this one knows 1");
    }

    [Fact]
    public async Task Send_DiskFull_SaysSoKeepsWhatWasThereAndGoesOnLater()
    {
        if (!await RunAsync("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", _folder.Path)) Assert.Skip("mounting a small disk needs root");
        try
        {
            string url = $"sqlite:{_folder["queue.db"]}";
            await using SqliteQueue queue = SqliteQueue.Open(url);
            await queue.SendAsync(["before"], Cancellation);
            await File.WriteAllBytesAsync(_folder["ballast"], new byte[100 << 10], Cancellation);

            QueueException fault = await Assert.ThrowsAsync<QueueException>(() => queue.SendAsync([new string('x', 1 << 20), "never"], Cancellation));
            Assert.Equal($"{url}: cannot be sent to the queue: the disk is full; make room and try again", fault.Message);
            File.Delete(_folder["ballast"]);
            await queue.SendAsync(["after"], Cancellation);
            IReadOnlyList<QueueMessage> messages = await queue.ReceiveAsync(10, TimeSpan.Zero, TimeSpan.FromMinutes(1), Cancellation);
            Assert.Equal(["before", "after"], messages.Select(message => message.Body));
        }
        finally
        {
            Assert.True(await RunAsync("umount", _folder.Path));
        }
    }

    private static async Task AssertFaultAsync(string url, string expected)
    {
        await using IQueue queue = Adapters.Local.OpenQueue(url);
        QueueException fault = await Assert.ThrowsAnyAsync<QueueException>(() => queue.SendAsync(["work"], Cancellation));
        Assert.StartsWith($"{url}: ", fault.Message);
        Assert.Contains(expected, fault.Message);
        Assert.DoesNotContain('\n', fault.Message);
    }

    private async Task ExecuteAsync(string file, string statement)
    {
        await using var connection = new SqliteConnection($"Data Source={_folder[file]};Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<bool> RunAsync(string program, params string[] words)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Cancellation);
        return process.ExitCode == 0;
    }
}
