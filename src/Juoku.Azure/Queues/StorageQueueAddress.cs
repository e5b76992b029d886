using Juoku.Batch;

namespace Juoku.Azure.Queues;

/// <summary>A queue, and the one beside it for its dead letters.</summary>
/// <param name="Url">As its user wrote it.</param>
/// <param name="Name">The queue.</param>
internal sealed record StorageQueueAddress(string Url, string Name)
{
    private const string Scheme = "azq://";
    private const string DeadSuffix = "-poison"; // as Azure's own functions name it

    /// <summary>The queue for dead letters.</summary>
    public string DeadName => Name + DeadSuffix;

    /// <exception cref="AddressException">The URL names no queue.</exception>
    public static StorageQueueAddress Parse(string url)
    {
        string name = url.StartsWith(Scheme, StringComparison.Ordinal) ? url[Scheme.Length..] : "";
        return name.Length is >= 3 and <= 56 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            && name[0] != '-' && name[^1] != '-' && !name.Contains("--", StringComparison.Ordinal)
            ? new StorageQueueAddress(url, name)
            : throw new AddressException(url, "names no queue (3 to 56 of a-z, 0-9 and single -); write it as azq://queue-name");
    }
}
