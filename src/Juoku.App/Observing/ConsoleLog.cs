using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Juoku.App.Observing;

/// <summary>Logs to standard error: a line of JSON an event, with run and part as fields of their own; on a terminal, lines for people.</summary>
/// <param name="writer">Where to.</param>
/// <param name="isForPeople">Lines for people instead of JSON.</param>
/// <param name="time">Clock.</param>
internal sealed class ConsoleLog(TextWriter writer, bool isForPeople, TimeProvider time) : ILogger
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly AsyncLocal<Scope?> _scope = new();
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => _scope.Value = new Scope(this, state, _scope.Value);

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        string line = isForPeople ? Text(formatter(state, exception)) : Json(logLevel, state, formatter(state, exception), exception);
        lock (_lock) writer.WriteLine(line);
    }

    private string Text(string message) =>
        string.Join(' ', [.. Fields(null).Select(field => $"{field.Value}"), message.ReplaceLineEndings(" ")]);

    private string Json<TState>(LogLevel level, TState state, string message, Exception? exception)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow());
            json.WriteString("level", level.ToString().ToLowerInvariant());
            json.WriteString("message", message);
            foreach ((string name, object? value) in Fields(state))
            {
                json.WritePropertyName(JsonNamingPolicy.SnakeCaseLower.ConvertName(name));
                switch (value)
                {
                    case int number: json.WriteNumberValue(number); break;
                    case long number: json.WriteNumberValue(number); break;
                    case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
                    default: json.WriteStringValue(value?.ToString()); break;
                }
            }

            if (exception is not null) json.WriteString("exception", exception.ToString());
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>The fields of the scopes, outermost first, and then the event's own; the innermost of a name counts.</summary>
    private IEnumerable<KeyValuePair<string, object?>> Fields(object? state)
    {
        var fields = new OrderedDictionary<string, object?>();
        var scopes = new Stack<object>();
        for (Scope? scope = _scope.Value; scope is not null; scope = scope.Outer) scopes.Push(scope.State);
        foreach (object scope in scopes)
            if (scope is IEnumerable<KeyValuePair<string, object>> pairs)
                foreach ((string name, object value) in pairs) fields[name] = value;
        if (state is IEnumerable<KeyValuePair<string, object?>> own)
            foreach ((string name, object? value) in own)
                if (name != "{OriginalFormat}") fields[name] = value;
        return fields;
    }

    private sealed class Scope(ConsoleLog log, object state, Scope? outer) : IDisposable
    {
        public object State => state;

        public Scope? Outer => outer;

        public void Dispose() => log._scope.Value = outer;
    }
}
