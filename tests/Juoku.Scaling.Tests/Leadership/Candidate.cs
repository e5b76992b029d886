using Juoku.Scaling.Kubernetes;
using Juoku.Scaling.Leadership;
using Microsoft.Extensions.Logging;

namespace Juoku.Scaling.Tests.Leadership;

/// <summary>A candidate that runs until it is told to stop; its work is whatever the test gives it.</summary>
internal sealed class Candidate : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ClusterConnection _cluster;
    private readonly Task _running;
    private volatile LeaderTerm? _term;
    private int _terms;

    public Candidate(ClusterConnection cluster, string name, TimeProvider time, Func<LeaderTerm, CancellationToken, Task>? work = null, LeaderOptions? options = null)
    {
        _cluster = cluster;
        Election = new LeaderElection(cluster, options ?? new() { Lease = "juoku", Identity = name }, time, Log);
        _running = Election.RunAsync(async (term, stop) =>
        {
            _term = term;
            Interlocked.Increment(ref _terms);
            if (work is not null) await work(term, stop);
            else await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        }, _stop.Token);
    }

    public LeaderElection Election { get; }

    public CollectedLog Log { get; } = new();

    /// <summary>The latest term in which it worked.</summary>
    public LeaderTerm? Term => _term;

    /// <summary>How many terms it has had.</summary>
    public int Terms => Volatile.Read(ref _terms);

    public bool IsLeader => Election.IsLeader;

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _cluster.Dispose();
    }
}

/// <summary>The lines that were logged.</summary>
internal sealed class CollectedLog : ILogger
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines) _lines.Add(formatter(state, exception));
    }
}
