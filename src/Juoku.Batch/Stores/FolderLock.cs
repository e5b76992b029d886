namespace Juoku.Batch.Stores;

/// <summary>A lock on a folder between processes, held while the returned file is open; the system frees it when its holder dies.</summary>
internal static class FolderLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<FileStream> TakeAsync(string folder, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, ".lock");
        long start = Environment.TickCount64;
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && Environment.TickCount64 - start < Patience.TotalMilliseconds)
            {
                await Task.Delay(Random.Shared.Next(1, 10), cancellation).ConfigureAwait(false);
            }
        }
    }
}
