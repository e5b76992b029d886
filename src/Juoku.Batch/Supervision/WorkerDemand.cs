using Juoku.Batch.Queues;

namespace Juoku.Batch.Supervision;

/// <summary>
/// How many workers a queue is worth. Up at once, to one worker a message; down only after fewer have been enough for a while, and then to
/// the most that were needed in that time, so that a gap between two runs costs no restart. What could not be read is unknown, not zero:
/// it changes nothing.
/// </summary>
/// <param name="options">Bounds, and how long the cool-down lasts.</param>
public sealed class WorkerDemand(SupervisorOptions options)
{
    private readonly Queue<(TimeSpan At, int Needed)> _window = new();
    private int _wanted = options.MinWorkers;

    /// <summary>Workers to have now.</summary>
    /// <param name="depth">The queue's depth; null when it could not be read.</param>
    /// <param name="now">Time since any fixed moment.</param>
    public int Wanted(QueueDepth? depth, TimeSpan now)
    {
        if (depth is not { } known) return _wanted;
        int needed = (int)Math.Clamp(known.Visible + known.InFlight, options.MinWorkers, options.MaxWorkers);
        _window.Enqueue((now, needed));
        while (now - _window.Peek().At > options.CoolDown) _window.Dequeue();
        return _wanted = Math.Max(needed, _window.Max(seen => seen.Needed));
    }
}
