using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Tests.Runs.Schedules;

/// <summary>What lies outside all workers: objects and messages. Every method is one indivisible effect, as a service carries it out.</summary>
internal sealed class World
{
    public const string Url = "mem:world";

    private readonly SortedDictionary<string, (byte[] Content, int Version)> _objects = new(StringComparer.Ordinal);
    private readonly List<Message> _messages = [];
    private int _version;
    private int _numbers;

    /// <summary>What was wrong the moment it happened.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Reasons of the dead letters.</summary>
    public List<string> Dead { get; } = [];

    public IEnumerable<string> Keys => _objects.Keys;

    public int Messages => _messages.Count;

    public IEnumerable<int> InFlight => _messages.Where(message => message.Loan is not null).Select(message => message.Number);

    public StoredObject? Find(string key) => _objects.TryGetValue(key, out var found) ? Describe(key, found) : null;

    public StoredBytes? Get(string key) => _objects.TryGetValue(key, out var found) ? new StoredBytes(found.Content, $"v{found.Version}") : null;

    public List<StoredObject> List(string prefix) => [.. _objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(pair => Describe(pair.Key, pair.Value))];

    public StoredObject? Put(string key, ReadOnlyMemory<byte> content, PutCondition condition)
    {
        string? etag = Find(key)?.ETag;
        if (condition.MustBeAbsent && etag is not null || condition.MustMatch is { } must && must != etag) return null;
        if (RunKeys.PartOf(key) is not null && Receipt(key) is { State: PartState.Finished }) Violations.Add($"the finished receipt {key} was replaced");
        _objects[key] = (content.ToArray(), ++_version);
        return Find(key);
    }

    public void Delete(string key)
    {
        if (RunKeys.PartOf(key) is not null) Violations.Add($"the receipt {key} was deleted");
        _objects.Remove(key);
    }

    public PartReceipt? Receipt(string key) => Get(key) is { } found ? System.Text.Json.JsonSerializer.Deserialize(found.Content.Span, RunJson.Default.PartReceipt) : null;

    public void Send(string body) => _messages.Add(new Message(++_numbers, body));

    public QueueMessage? Receive(int skip)
    {
        Message[] visible = [.. _messages.Where(message => message.Loan is null)];
        if (visible.Length == 0) return null;
        Message taken = visible[skip % visible.Length];
        taken.Receives++;
        taken.Loan = $"loan {++_version}";
        return new QueueMessage($"{taken.Number}", taken.Body, taken.Receives, taken.Loan);
    }

    public bool Extend(QueueMessage loan) => Held(loan) is not null;

    public bool Complete(QueueMessage loan) => Held(loan) is { } held && _messages.Remove(held);

    public bool Abandon(QueueMessage loan)
    {
        if (Held(loan) is not { } held) return false;
        held.Loan = null;
        return true;
    }

    public bool DeadLetter(QueueMessage loan, string reason)
    {
        if (!Complete(loan)) return false;
        Dead.Add(reason);
        return true;
    }

    /// <summary>A loan runs out: the message is visible again, and the loan still good until somebody else takes it.</summary>
    public void Expire(int number)
    {
        if (_messages.Find(message => message.Number == number) is { } message) message.Loan = null;
    }

    /// <summary>The service delivers a message once more than it was sent.</summary>
    public void Duplicate(int number)
    {
        if (_messages.Find(message => message.Number == number) is { } message) Send(message.Body);
    }

    private Message? Held(QueueMessage loan) => _messages.Find(message => $"{message.Number}" == loan.Id && message.Loan == loan.Receipt);

    private static StoredObject Describe(string key, (byte[] Content, int Version) found) => new(key, found.Content.Length, $"v{found.Version}", default);

    private sealed class Message(int number, string body)
    {
        public int Number => number;

        public string Body => body;

        public int Receives { get; set; }

        public string? Loan { get; set; }
    }
}
