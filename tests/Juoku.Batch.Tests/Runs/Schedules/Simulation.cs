using System.Globalization;

namespace Juoku.Batch.Tests.Runs.Schedules;

/// <summary>How far a schedule may stray from every call succeeding and every actor working on until it ends.</summary>
/// <param name="Preemptions">How often one actor is held up in favour of another.</param>
/// <param name="Troubles">How many crashes, failed calls, lost answers, repeated calls, expired loans and duplicated messages.</param>
internal sealed record Limits(int Preemptions, int Troubles);

/// <summary>Something that can happen next.</summary>
internal sealed record Move(string What, bool IsTrouble, bool IsPreemption, Actor? Actor, Func<string> Make);

/// <summary>One schedule being carried out: a world, the actors on it, and what has happened so far.</summary>
internal sealed class Simulation(Limits limits)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly List<Actor> _actors = [];
    private Actor? _last;
    private int _preemptions;
    private int _troubles;

    public World World { get; } = new();

    /// <summary>Whether bad input has been repaired.</summary>
    public Box Repaired { get; set; } = new();

    /// <summary>Which of the visible messages is taken next.</summary>
    public Func<int> Skip { get; set; } = () => 0;

    public IReadOnlyList<Actor> Actors => _actors;

    /// <summary>The steps, for people.</summary>
    public List<string> Steps { get; } = [];

    /// <summary>What has to be let go at the end.</summary>
    public List<IDisposable> Disposables { get; } = [];

    public Actor Start(string name, Func<Actor, Task> body)
    {
        var actor = new Actor(name);
        _actors.Add(actor);
        actor.Start(() => body(actor));
        actor.Settle();
        return actor;
    }

    /// <summary>All that can happen next within the limits; the first is that the actor of the last step goes on.</summary>
    public List<Move> Moves()
    {
        var moves = new List<Move>();
        bool isLastReady = _last is { Parked.Count: > 0 };
        foreach (Actor actor in _actors.Where(actor => actor.Parked.Count > 0).OrderBy(actor => actor == _last ? 0 : 1))
        {
            bool isPreemption = isLastReady && actor != _last;
            if (isPreemption && _preemptions >= limits.Preemptions) continue;
            Call call = actor.Parked[0];
            moves.Add(new Move($"{actor.Name}: {call.What}", IsTrouble: false, isPreemption, actor, call.Answer));
        }

        if (moves.Count == 0 || _troubles >= limits.Troubles) return moves;
        foreach (Actor actor in _actors.Where(actor => actor.Parked.Count > 0 && (actor == _last || !isLastReady))) AddTroubles(moves, actor);
        foreach (int number in World.InFlight) Trouble(moves, $"the loan of message {number} expires", null, () => World.Expire(number));
        foreach (int number in World.InFlight) Trouble(moves, $"message {number} is duplicated", null, () => World.Duplicate(number));
        return moves;
    }

    public void Make(Move move)
    {
        if (move.IsPreemption) _preemptions++;
        if (move.IsTrouble) _troubles++;
        if (!move.IsTrouble) _last = move.Actor;
        foreach (Actor actor in _actors) actor.Time.Advance(Tick);
        string step = string.Create(CultureInfo.InvariantCulture, $"{Steps.Count,3} {move.What}");
        Steps.Add(step);
        Steps[^1] = $"{step} → {move.Make()}";
    }

    /// <summary>Lets all who are left end, then one more worker do what remains: all loans are over and much time has passed.</summary>
    public void Drain(Func<Actor, Task> worker)
    {
        foreach (int number in World.InFlight.ToList()) World.Expire(number);
        var heir = new Actor("heir");
        _actors.Add(heir);
        heir.Time.Advance(TimeSpan.FromHours(1));
        heir.Start(() => worker(heir));
        heir.Settle();
        while (heir.Parked is [var call, ..])
        {
            heir.Time.Advance(Tick);
            Steps.Add(string.Create(CultureInfo.InvariantCulture, $"{Steps.Count,3} heir: {call.What} → {call.Answer()}"));
            if (Steps.Count > 5000) throw new InvalidOperationException("The heir does not come to an end.");
        }
    }

    private static void AddTroubles(List<Move> moves, Actor actor)
    {
        Call call = actor.Parked[0];
        Trouble(moves, $"{actor.Name}: {call.What} FAILS", actor, call.Fail);
        if (call.Kind == CallKind.Read) return; // to die before a read is to die after what came before it

        Trouble(moves, $"{actor.Name} DIES before: {call.What}", actor, actor.Die);
        Trouble(moves, $"{actor.Name} DIES after: {call.What}", actor, () =>
        {
            call.TakeEffect();
            actor.Die();
        });
        Trouble(moves, $"{actor.Name}: {call.What}, ANSWER LOST", actor, () =>
        {
            call.TakeEffect();
            call.Fail();
        });
        Trouble(moves, $"{actor.Name}: {call.What} TWICE", actor, call.Echo);
    }

    private static void Trouble(List<Move> moves, string what, Actor? actor, Action make) => moves.Add(new Move(what, IsTrouble: true, IsPreemption: false, actor, () =>
    {
        make();
        return "so";
    }));
}
