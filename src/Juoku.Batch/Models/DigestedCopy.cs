using System.Security.Cryptography;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Models;

/// <summary>Reads objects from end to end and tells the digest of what was read.</summary>
public static class DigestedCopy
{
    private const int ChunkBytes = 4 << 20;

    /// <summary>Copies an object into a stream.</summary>
    /// <param name="store">Where it lies.</param>
    /// <param name="key">Its key.</param>
    /// <param name="destination">Receives the bytes; <see cref="Stream.Null"/> to look at the digest alone.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>SHA-256 of the bytes, in hexadecimal; null when there is no such object.</returns>
    public static async Task<string?> RunAsync(IStore store, string key, Stream destination, CancellationToken cancellation)
    {
        if (await store.FindAsync(key, cancellation).ConfigureAwait(false) is not { } item) return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Math.Min(ChunkBytes, item.Length)];
        for (long offset = 0; offset < item.Length;)
        {
            Memory<byte> chunk = buffer.AsMemory(0, (int)Math.Min(buffer.Length, item.Length - offset));
            await store.ReadAsync(item, offset, chunk, cancellation).ConfigureAwait(false);
            hash.AppendData(chunk.Span);
            await destination.WriteAsync(chunk, cancellation).ConfigureAwait(false);
            offset += chunk.Length;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
