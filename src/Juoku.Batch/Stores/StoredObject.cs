namespace Juoku.Batch.Stores;

/// <summary>An object as a store knows it.</summary>
/// <param name="Key">Its key, relative to the store.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="ETag">Changes whenever the content does; opaque, compared as text, without quotes.</param>
/// <param name="Modified">When it was put.</param>
public sealed record StoredObject(string Key, long Length, string ETag, DateTimeOffset Modified);

/// <summary>The content of a small object, and the version it is.</summary>
/// <param name="Content">All bytes.</param>
/// <param name="ETag">The version.</param>
public sealed record StoredBytes(ReadOnlyMemory<byte> Content, string ETag);

/// <summary>What must hold for a put to take place; tested and carried out as one step.</summary>
public readonly record struct PutCondition
{
    private PutCondition(bool absent, string? etag) => (MustBeAbsent, MustMatch) = (absent, etag);

    /// <summary>No condition: an object of that key is replaced.</summary>
    public static PutCondition None => default;

    /// <summary>There must be no object of that key.</summary>
    public static PutCondition IfAbsent => new(absent: true, etag: null);

    /// <summary>Whether there must be no object of that key.</summary>
    public bool MustBeAbsent { get; }

    /// <summary>The ETag that the object must have; null when it does not matter.</summary>
    public string? MustMatch { get; }

    /// <summary>The object must be there, in this version.</summary>
    public static PutCondition IfMatch(string etag) => new(absent: false, etag);
}
