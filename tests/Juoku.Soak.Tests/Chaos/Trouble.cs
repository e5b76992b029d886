using System.Globalization;
using Polly;
using Polly.Simmy;
using Polly.Simmy.Behavior;
using Polly.Simmy.Fault;
using Polly.Simmy.Latency;

namespace Juoku.Soak.Tests.Chaos;

/// <summary>
/// Makes calls go wrong, as calls to services do: one is refused, one takes effect but its answer is lost, one is slow, one is carried out
/// twice because something below retried it. Polly's chaos strategies draw which; each is noted as a line of a file that outlives the worker.
/// </summary>
internal sealed class Trouble
{
    private static readonly ResiliencePropertyKey<string> What = new("what");
    private static readonly ResiliencePropertyKey<Func<Task>> Call = new("call");

    private readonly ResiliencePipeline _pipeline;
    private readonly Random _random;
    private readonly Lock _lock = new();
    private readonly string _notes;
    private readonly Func<string, Exception> _fault;

    /// <param name="rate">Share of calls that go wrong in each of the four ways.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="notes">File that gets a line for each.</param>
    /// <param name="fault">Makes the exception of a call that fails.</param>
    public Trouble(double rate, int seed, string notes, Func<string, Exception> fault)
    {
        (_random, _notes, _fault) = (new Random(seed), notes, fault);
        _pipeline = new ResiliencePipelineBuilder()
            .AddChaosLatency(new ChaosLatencyStrategyOptions
            {
                InjectionRate = rate,
                Randomizer = Draw,
                LatencyGenerator = _ => new ValueTask<TimeSpan>(TimeSpan.FromSeconds(Draw() < 0.1 ? 4 : 0.3 * Draw())),
                OnLatencyInjected = args => NoteAsync("late", args.Context),
            })
            .AddChaosFault(new ChaosFaultStrategyOptions
            {
                InjectionRate = rate,
                Randomizer = Draw,
                FaultGenerator = _ => new ValueTask<Exception?>(_fault("the soak refused the call")),
                OnFaultInjected = args => NoteAsync("refused", args.Context),
            })
            .AddChaosBehavior(new ChaosBehaviorStrategyOptions
            {
                InjectionRate = rate,
                Randomizer = Draw,
                BehaviorGenerator = async args =>
                {
                    await NoteAsync("answer lost", args.Context);
                    await CallOf(args.Context)();
                    throw _fault("the soak lost the answer");
                },
            })
            .AddChaosBehavior(new ChaosBehaviorStrategyOptions
            {
                InjectionRate = rate,
                Randomizer = Draw,
                BehaviorGenerator = async args =>
                {
                    await NoteAsync("twice", args.Context);
                    await CallOf(args.Context)();
                },
            })
            .Build();
    }

    /// <summary>Makes a call, or does to it what was drawn.</summary>
    /// <param name="what">Name of the call, for the notes.</param>
    /// <param name="call">Can be made again.</param>
    public async Task<T> MakeAsync<T>(string what, Func<Task<T>> call)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(CancellationToken.None);
        try
        {
            context.Properties.Set(What, what);
            context.Properties.Set(Call, call);
            return await _pipeline.ExecuteAsync(static async (_, call) => await call(), context, call);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static Func<Task> CallOf(ResilienceContext context) => context.Properties.GetValue(Call, () => Task.CompletedTask);

    private double Draw()
    {
        lock (_lock) return _random.NextDouble();
    }

    private ValueTask NoteAsync(string kind, ResilienceContext context)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{kind}\t{context.Properties.GetValue(What, "")}\n");
        lock (_lock) File.AppendAllText(_notes, line);
        return ValueTask.CompletedTask;
    }
}
