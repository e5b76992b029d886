namespace Juoku.Batch.Stores;

/// <summary>Turns what a file system throws into a <see cref="StoreException"/> that says what was being done to what.</summary>
internal sealed class FaultTranslation(string url)
{
    /// <summary>Name of an object in messages.</summary>
    public string UrlOf(string key) => $"{url.TrimEnd('/')}/{key}";

    /// <summary>Runs a step.</summary>
    /// <param name="key">Object it is about.</param>
    /// <param name="what">Completes "cannot …".</param>
    /// <param name="step">The step.</param>
    public T In<T>(string key, string what, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(UrlOf(key), $"cannot {what} ({e.Message})", e);
        }
    }

    /// <summary>Runs a step that waits.</summary>
    public async Task<T> InAsync<T>(string key, string what, Func<Task<T>> step)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(UrlOf(key), $"cannot {what} ({e.Message})", e);
        }
    }
}
