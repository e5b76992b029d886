namespace Juoku.Batch.Tests.Runs.Schedules;

/// <summary>What an exploration came to.</summary>
/// <param name="Schedules">How many schedules were carried out.</param>
/// <param name="Steps">Steps in all of them.</param>
/// <param name="IsComplete">Whether these are all that the limits allow.</param>
/// <param name="Failure">The first schedule that broke a promise: what it broke, its steps, and the choices that replay it.</param>
internal sealed record Exploration(int Schedules, long Steps, bool IsComplete, string? Failure);

/// <summary>
/// Carries out schedules of a scenario: all within limits, depth first, each from its beginning; or many at random. A schedule is the list
/// of its choices, so that what failed can be carried out again.
/// </summary>
/// <param name="scenario">What happens, and what must hold in the end.</param>
/// <param name="limits">How far schedules may stray.</param>
internal sealed class Explorer(Scenario scenario, Limits limits)
{
    private const int LongestSchedule = 3000;

    /// <summary>All schedules, up to a number.</summary>
    public Exploration Exhaust(int most)
    {
        var choices = new List<(int Choice, int Of)>();
        long steps = 0;
        for (int count = 1; ; count++)
        {
            int depth = 0;
            string? failure = CarryOut(moves =>
            {
                if (depth == choices.Count) choices.Add((0, moves.Count));
                if (choices[depth].Of != moves.Count) throw new InvalidOperationException($"Step {depth} had {choices[depth].Of} moves and now has {moves.Count}: something is left to chance.");
                return choices[depth++].Choice;
            }, () => 0, choices.Select(choice => choice.Choice), ref steps);
            if (failure is not null) return new Exploration(count, steps, false, failure);

            while (choices.Count > 0 && choices[^1].Choice + 1 == choices[^1].Of) choices.RemoveAt(choices.Count - 1);
            if (choices.Count == 0) return new Exploration(count, steps, true, null);
            if (count == most) return new Exploration(count, steps, false, null);
            choices[^1] = (choices[^1].Choice + 1, choices[^1].Of);
        }
    }

    /// <summary>Random schedules, one a seed; messages are taken in any order too.</summary>
    public Exploration Wander(int firstSeed, int count)
    {
        long steps = 0;
        for (int seed = firstSeed; seed < firstSeed + count; seed++)
        {
            var random = new Random(seed);
            string? failure = CarryOut(moves =>
            {
                int[] calm = [.. moves.Index().Where(move => !move.Item.IsTrouble).Select(move => move.Index)];
                return moves.Count > calm.Length && random.Next(12) == 0 ? random.Next(moves.Count) : calm[random.Next(4) < 3 ? 0 : random.Next(calm.Length)];
            }, () => random.Next(1000), [seed], ref steps);
            if (failure is not null) return new Exploration(seed - firstSeed + 1, steps, false, failure);
        }

        return new Exploration(count, steps, true, null);
    }

    /// <summary>Carries out one schedule again; what it broke, or null.</summary>
    public string? Replay(params int[] choices)
    {
        int depth = 0;
        long steps = 0;
        return CarryOut(_ => depth < choices.Length ? choices[depth++] : 0, () => 0, choices, ref steps);
    }

    private string? CarryOut(Func<List<Move>, int> choose, Func<int> skip, IEnumerable<int> name, ref long steps)
    {
        var simulation = new Simulation(limits) { Skip = skip };
        try
        {
            scenario.Begin(simulation);
            while (simulation.Moves() is { Count: > 0 } moves)
            {
                if (simulation.Steps.Count > LongestSchedule) throw new InvalidOperationException("The schedule does not come to an end.");
                simulation.Make(moves[choose(moves)]);
            }

            simulation.Drain(scenario.Worker(simulation));
            IReadOnlyList<string> broken = scenario.Broken(simulation);
            steps += simulation.Steps.Count;
            return broken.Count == 0 ? null : $"{string.Join('\n', broken)}\nreplay: [{string.Join(", ", name)}]\n{string.Join('\n', simulation.Steps)}";
        }
        finally
        {
            foreach (IDisposable disposable in simulation.Disposables) disposable.Dispose();
        }
    }
}
