namespace Juoku.Learning.Training;

/// <summary>How far a training has come; read it from any thread.</summary>
public sealed class TrainingProgress
{
    private readonly Lock _lock = new();
    private TrainingState _state = new("finding the days", 0, 0, null);

    /// <summary>How it stands.</summary>
    public TrainingState State
    {
        get
        {
            lock (_lock) return _state;
        }
    }

    internal void Begin(string step, long total)
    {
        lock (_lock) _state = new TrainingState(step, 0, total, _state.Boosting);
    }

    internal void Report(long done, BoostingState? boosting = null)
    {
        lock (_lock) _state = _state with { Done = done, Boosting = boosting ?? _state.Boosting };
    }
}

/// <summary>How a training stands.</summary>
/// <param name="Step">What is being done.</param>
/// <param name="Done">Rows or iterations done in this step.</param>
/// <param name="Total">Rows or iterations of this step; 0 when that is not known.</param>
/// <param name="Boosting">The metric so far; null before the first iteration.</param>
public sealed record TrainingState(string Step, long Done, long Total, BoostingState? Boosting);

/// <summary>The validation metric of a training.</summary>
/// <param name="Metric">Its name.</param>
/// <param name="Last">After the last iteration.</param>
/// <param name="Best">The best so far.</param>
/// <param name="BestIteration">After how many iterations, counted from 1.</param>
public sealed record BoostingState(string Metric, double Last, double Best, int BestIteration);
