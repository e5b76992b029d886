using Juoku.Batch;
using Juoku.Batch.Queues;
using Juoku.Batch.Stores;

namespace Juoku.App.Commands;

/// <summary>Opens queues for commands.</summary>
internal static class QueueConnection
{
    /// <summary>Opens a queue; for one in a file, makes the folder that it lies in.</summary>
    public static IQueue Open(string url)
    {
        if (Adapters.SchemeOf(url) == "sqlite" && Path.GetDirectoryName(Path.GetFullPath(FileStore.PathOf("file:" + url["sqlite:".Length..]))) is { } folder)
            Directory.CreateDirectory(folder);
        return Connections.Adapters.OpenQueue(url);
    }
}
