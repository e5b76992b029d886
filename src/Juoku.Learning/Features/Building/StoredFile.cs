using System.Security.Cryptography;
using Juoku.Batch.Stores;

namespace Juoku.Learning.Features.Building;

/// <summary>A file of the scratch folder on its way into a store.</summary>
internal static class StoredFile
{
    /// <summary>Puts a file under a key, whole, and deletes it here.</summary>
    /// <returns>Its length and SHA-256.</returns>
    public static async Task<(long Length, string Sha256)> MoveAsync(string path, IStore store, string key, CancellationToken cancellation)
    {
        long length = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (ObjectWriter writer = await store.CreateAsync(key, cancellation).ConfigureAwait(false))
        {
            await using (FileStream file = File.OpenRead(path))
            {
                var buffer = new byte[1 << 20];
                for (int read; (read = await file.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0; length += read)
                {
                    hash.AppendData(buffer, 0, read);
                    await writer.Stream.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                }
            }

            await writer.CompleteAsync(cancellation).ConfigureAwait(false);
        }

        File.Delete(path);
        return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
