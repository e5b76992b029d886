using Juoku.Batch.Tables.Writing;

namespace Juoku.Batch.Tests.Tables;

public sealed class WholeFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Commit_Written_AppearsInPlaceOfTheOld()
    {
        _folder.Write("a", "old");
        using (var file = new WholeFile(_folder["a"]))
        {
            file.Stream.Write("new"u8);
            Assert.Equal("old", File.ReadAllText(_folder["a"]));
            file.Commit();
        }

        Assert.Equal("new", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], _folder.Names);
    }

    [Fact]
    public void Dispose_NotCommitted_LeavesNothing()
    {
        using (var file = new WholeFile(_folder["a"])) file.Stream.Write("new"u8);

        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void Open_LeftoverOfAKilledProcess_IsWrittenOver()
    {
        _folder.Write(".a.partial", "a long leftover");
        using (var file = new WholeFile(_folder["a"]))
        {
            file.Stream.Write("new"u8);
            file.Commit();
        }

        Assert.Equal("new", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], _folder.Names);
    }

    [Fact]
    public void Open_BeingWrittenByAnother_IsRefused()
    {
        using var first = new WholeFile(_folder["a"]);

        Assert.Contains("cannot be written", Assert.Throws<OutputException>(() => new WholeFile(_folder["a"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Directory_IsRefused() =>
        Assert.Contains("is a directory", Assert.Throws<OutputException>(() => new WholeFile(_folder.Path)).Message, StringComparison.Ordinal);
}
