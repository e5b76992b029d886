namespace Juoku.Learning.LightGbm;

/// <summary>
/// How many threads LightGBM may use in this process. The parameter <c>num_threads</c> does the same but is written into the model, whose bytes
/// would then depend on the machine.
/// </summary>
public static class LightGbmThreads
{
    /// <summary>Sets the most threads, until disposed.</summary>
    public static IDisposable Limit(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        LightGbmLibrary.Enter(); // before any other native call: who loads the library says why it cannot, and sets how its threads wait
        LightGbmLibrary.Check(NativeMethods.GetMaxThreads(out int before), "LGBM_GetMaxThreads");
        LightGbmLibrary.Check(NativeMethods.SetMaxThreads(threads), "LGBM_SetMaxThreads");
        return new Restore(before);
    }

    private sealed class Restore(int threads) : IDisposable
    {
        public void Dispose() => LightGbmLibrary.Check(NativeMethods.SetMaxThreads(threads), "LGBM_SetMaxThreads");
    }
}
