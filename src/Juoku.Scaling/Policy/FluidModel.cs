namespace Juoku.Scaling.Policy;

/// <summary>
/// When a number of workers is done, if work were a fluid that any of them can take from at any time.
/// </summary>
/// <remarks>
/// <para>
/// Ready workers drain at once; pending and further ones after their start-up <c>s</c>. With <c>a</c> ready workers of rate <c>r</c> and <c>n</c> in all,
/// <c>Q</c> rows are drained at <c>t = Q / (a·r)</c> when that is before <c>s</c>, and otherwise at <c>t = (Q + (n − a)·r·s) / (n·r)</c>.
/// </para>
/// <para>
/// Work is not a fluid: parts are whole. A list of parts handed to whoever is free is done no later than the fluid plus one longest part
/// (R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969), which the policy keeps as a reserve of its own.
/// </para>
/// </remarks>
internal readonly record struct FluidModel(double Rows, int Ready, double StartUpSeconds)
{
    /// <summary>Seconds until <paramref name="workers"/> of <paramref name="rate"/> rows a second have drained the rows; infinite when they never do.</summary>
    public double Seconds(int workers, double rate)
    {
        if (Rows <= 0) return 0;
        if (workers <= 0 || rate <= 0) return double.PositiveInfinity;
        int ready = Math.Min(Ready, workers);
        double alone = ready == 0 ? double.PositiveInfinity : Rows / (ready * rate);
        return alone <= StartUpSeconds ? alone : (Rows + (workers - ready) * rate * StartUpSeconds) / (workers * rate);
    }
}
