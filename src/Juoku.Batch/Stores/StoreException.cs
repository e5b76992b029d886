namespace Juoku.Batch.Stores;

/// <summary>A store could not do what it was asked: says what, where, and what to do, in one line.</summary>
/// <param name="url">The store, or the object in it.</param>
/// <param name="problem">What happened, and what to do.</param>
/// <param name="cause">What the adapter's library said.</param>
public class StoreException(string url, string problem, Exception? cause = null)
    : Exception($"{url}: {problem.ReplaceLineEndings(" ").Trim()}", cause);

/// <summary>The store itself is not there: a bucket, container or folder that does not exist.</summary>
public sealed class StoreNotFoundException(string url, string problem, Exception? cause = null) : StoreException(url, problem, cause);

/// <summary>An object is gone or has another version than the one asked for.</summary>
public sealed class ObjectChangedException(string url, string expectedETag, string? foundETag)
    : StoreException(url, foundETag is null ? $"is gone; version {expectedETag} was wanted" : $"changed while it was in use: version {expectedETag} was wanted, {foundETag} is there")
{
    /// <summary>The version wanted.</summary>
    public string ExpectedETag => expectedETag;

    /// <summary>The version found; null when the object is gone.</summary>
    public string? FoundETag => foundETag;
}
