using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Juoku.Batch.Stores;

/// <summary>
/// What tells one version of a file from another: length and time of the last change. The store sets that time itself when it writes, to
/// 100 ns, because file systems stamp files with the time of the last timer tick and two small puts fit into one.
/// </summary>
internal readonly record struct FileIdentity(long Length, DateTime Changed)
{
    public static FileIdentity Of(SafeFileHandle file) => new(RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));

    /// <summary>Of the file at a path; null when there is none.</summary>
    public static FileIdentity? Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new FileIdentity(file.Length, file.LastWriteTimeUtc) : null;
    }

    public StoredObject Describe(string key) => new(key, Length, ToString(), Changed);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Length:x}-{Changed.Ticks:x}");
}
