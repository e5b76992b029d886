namespace Juoku.Batch.Stores;

/// <summary>Files on their way into a <see cref="FileStore"/>, which no reader sees: their names begin with a dot.</summary>
internal static class PartialFiles
{
    private const string Suffix = ".partial";

    /// <summary>A new name beside <paramref name="path"/>.</summary>
    public static string NewPath(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Convert.ToHexStringLower(BitConverter.GetBytes(Random.Shared.NextInt64()))}{Suffix}");

    /// <summary>Deletes partial files that nobody writes any more (who writes one holds its lock); returns how many.</summary>
    public static int Sweep(string root, string prefix, TimeSpan age, CancellationToken cancellation)
    {
        if (!Directory.Exists(root)) return 0;
        int swept = 0;
        var everywhere = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 };
        foreach (string file in Directory.EnumerateFiles(root, $".*{Suffix}", everywhere))
        {
            cancellation.ThrowIfCancellationRequested();
            string folder = Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '/');
            string key = (folder == "." ? "" : folder + "/") + Path.GetFileName(file)[1..];
            if (key.StartsWith(prefix, StringComparison.Ordinal) && DateTime.UtcNow - File.GetLastWriteTimeUtc(file) >= age && TryDelete(file)) swept++;
        }

        return swept;
    }

    private static bool TryDelete(string file)
    {
        try
        {
            using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) File.Delete(file);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false; // its writer, or another sweep, was quicker
        }
        catch (IOException)
        {
            return false; // locked: it is being written
        }
    }
}
