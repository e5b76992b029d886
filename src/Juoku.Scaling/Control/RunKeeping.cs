using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Microsoft.Extensions.Logging;

namespace Juoku.Scaling.Control;

/// <summary>
/// What runs need when no worker is there to see to it: days that are complete are started, runs whose last receipt came without anybody to
/// finish them are finished, and those that are open after their deadline are marked, once. Every step may be taken twice, or by two.
/// </summary>
/// <param name="store">Holds the runs.</param>
/// <param name="pool">Opens the stores that runs name.</param>
/// <param name="standing">The standing runs of the store.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Gets a line for what was done and for what went wrong.</param>
public sealed class RunKeeping(IStore store, StorePool pool, StandingRuns standing, TimeProvider time, ILogger log)
{
    private readonly Dictionary<string, Kept> _runs = [];
    private readonly HashSet<string> _told = [];

    /// <summary>Runs that are open after their deadline, as of the last look.</summary>
    public int Overdue { get; private set; }

    /// <summary>Starts, finishes and marks what there is to.</summary>
    /// <returns>What people may want to know.</returns>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<IReadOnlyList<RunNews>> KeepAsync(CancellationToken cancellation)
    {
        var news = new List<RunNews>();
        await StartAsync(news, cancellation).ConfigureAwait(false);
        var open = new HashSet<string>();
        int overdue = 0;
        await foreach (string name in RunObserver.OpenNamesAsync(store, cancellation).ConfigureAwait(false))
        {
            open.Add(name);
            try
            {
                if (await LookAsync(name, news, cancellation).ConfigureAwait(false)) overdue++;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Records that are damaged, a store that it alone uses and that is gone: whatever it is, it concerns no other run.
                if (_told.Add($"{name} {e.Message}")) log.LogError("run {Run}: {Error}", name, e.Message);
            }
        }

        foreach (string settled in _runs.Keys.Except(open).ToList()) _runs.Remove(settled);
        Overdue = overdue;
        return news;
    }

    private async Task StartAsync(List<RunNews> news, CancellationToken cancellation)
    {
        try
        {
            foreach (StandingStart start in await standing.ScanAsync(cancellation).ConfigureAwait(false))
            {
                if (start.Run is not null) news.Add(new(RunNewsKind.Started, start.Run, $"run {start.Run} of {start.Set} started: {start.Day}_SUCCESS is there"));
                else if (_told.Add($"{start.Set} {start.Day} {start.Fault}")) news.Add(new(RunNewsKind.NotStarted, "", $"no run of {start.Set} for {start.Day}: {start.Fault}"));
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A record that is damaged, a bucket that is gone: days wait for it to be put right, runs that are there do not.
            if (_told.Add(e.Message)) log.LogError("no days are started: {Error}", e.Message);
        }
    }

    /// <summary>Finishes a run if it can be; true when it is overdue.</summary>
    private async Task<bool> LookAsync(string name, List<RunNews> news, CancellationToken cancellation)
    {
        if (!_runs.TryGetValue(name, out Kept? kept))
        {
            // The mark is put before the plan: a run that is being submitted at this moment has none yet.
            if (await RunRecords.FindAsync(name, store, pool, cancellation).ConfigureAwait(false) is not { } found) return false;
            _runs[name] = kept = new Kept(found, new RunFinisher(found, time));
        }

        RunRecords run = kept.Run;
        int missing = run.Parts.Count - await ReceiptLedger.CountAsync(run, cancellation).ConfigureAwait(false);
        if (missing <= 0 || await run.FindCancelAsync(cancellation).ConfigureAwait(false) is not null)
        {
            RunFacts facts = await kept.Finisher.FinishAsync(cancellation).ConfigureAwait(false);
            missing = facts.OpenParts;
            if (facts.HasEnded)
            {
                news.Add(new(RunNewsKind.Finished, name, $"run {name}: {facts.Outcome}"));
                return false;
            }
        }

        if (run.Plan.Deadline is not { } deadline || time.GetUtcNow() <= deadline) return false;
        if (!kept.IsMarked)
        {
            var mark = new OverdueMark(time.GetUtcNow(), deadline, missing);
            bool isFirst = await store.PutAsync(RunKeys.Overdue(name), RunJson.Write(mark, RunJson.Default.OverdueMark), PutCondition.IfAbsent, cancellation).ConfigureAwait(false) is not null;
            if (isFirst) news.Add(new(RunNewsKind.Overdue, name, $"run {name} was due at {deadline:u}, and {missing} of its {run.Parts.Count} parts are open"));
            kept.IsMarked = true;
        }

        return true;
    }

    private sealed class Kept(RunRecords run, RunFinisher finisher)
    {
        public RunRecords Run => run;

        public RunFinisher Finisher => finisher;

        public bool IsMarked { get; set; }
    }
}

/// <summary>Something about a run that people may want to know.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Run">The run; empty when there is none.</param>
/// <param name="Text">One line.</param>
public sealed record RunNews(RunNewsKind Kind, string Run, string Text);

/// <summary>What happened to a run.</summary>
public enum RunNewsKind
{
    /// <summary>Its day is complete, and it was submitted.</summary>
    Started,

    /// <summary>A day is complete, but there can be no run of it.</summary>
    NotStarted,

    /// <summary>It was finished.</summary>
    Finished,

    /// <summary>It is open after its deadline.</summary>
    Overdue,
}
