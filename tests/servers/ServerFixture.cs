namespace Juoku.Tests.Servers;

/// <summary>
/// A server that the tests of an assembly share: <c>[assembly: AssemblyFixture(typeof(CephFixture))]</c>, and a constructor parameter where
/// it is used. It starts when a test first asks for it and stops after the last; tests are skipped where it is not installed.
/// </summary>
/// <param name="missing">Why the server cannot run here; null when it can.</param>
/// <param name="start">Starts it.</param>
public abstract class ServerFixture<T>(string? missing, Func<Task<T>> start) : IAsyncDisposable
    where T : class, IAsyncDisposable
{
    private readonly Lazy<Task<T>> _server = new(start);

    /// <summary>The running server.</summary>
    public Task<T> RunningAsync()
    {
        Assert.SkipWhen(missing is not null, missing ?? "");
        return _server.Value;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }) await (await _server.Value).DisposeAsync();
    }
}
