using Microsoft.Data.Sqlite;

namespace Juoku.Batch.Queues;

/// <summary>Says in one line what SQLite's result codes mean for a queue.</summary>
internal static class SqliteFaults
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Damaged = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int LockProtocol = 15;
    private const int NoDatabase = 26;

    public static QueueException Explain(string url, string path, string what, SqliteException fault)
    {
        string problem = fault.SqliteErrorCode switch
        {
            Busy or Locked or LockProtocol => $"another process has kept the file locked for {SqliteFile.Patience.TotalSeconds:0} s; end it and try again",
            ReadOnly => $"{path} may not be written; correct its permissions",
            CannotOpen when Directory.Exists(path) => $"{path} is a folder; name a file",
            CannotOpen => $"{path} cannot be opened; correct its permissions and those of its folder",
            Full => "the disk is full; make room and try again",
            Damaged => $"the file is damaged ({fault.Message}); move it away and send the messages again",
            NoDatabase => $"{path} is not a queue; give the queue a file of its own",
            _ => fault.Message,
        };
        return new QueueException(url, $"cannot {what} the queue: {problem}", fault);
    }
}
