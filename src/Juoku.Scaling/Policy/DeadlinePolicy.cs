using System.Globalization;

namespace Juoku.Scaling.Policy;

/// <summary>
/// How many workers finish a run by its deadline at the least cost: a pure function of what is seen and of the last decision.
/// </summary>
/// <remarks>
/// <para>
/// <b>Idea.</b> A run costs its work, which is the same for any number of workers, plus for every worker a start, an idle end and the node's
/// way out. So the fewest workers that meet the deadline are the cheapest, whole nodes of them; and a worker that is there and busy costs
/// nothing extra, so it is kept until the parts run out.
/// </para>
/// <para>
/// <b>Formulas.</b> With <c>Q</c> the rows left (those in flight by half), <c>r</c> the measured rate with spread <c>v</c> over <c>m</c> parts, and <c>p</c> the
/// time of an average part, <c>n</c> workers count with the rate <c>r·(1 − z·v·√(1/n + 1/m))</c>. Wanted is the smallest <c>n</c> whose fluid time (<see cref="FluidModel"/>)
/// plus the reserve fits the time that is left. The reserve is the last part, <c>p·(1 + z·v)</c>, where workers get lost the redelivery of
/// one part and its second try, and a share of the time for what nobody foresees, late input above all.
/// </para>
/// <para>
/// <b>Steadiness.</b> More workers are asked for only when the present ones would be late by the plain rate (and the redelivery), and then with the full margin: the
/// gap between both is the hysteresis. Fewer are asked for only when fewer parts are left than workers. New workers that would come
/// too late to help are not asked for.
/// </para>
/// <para>
/// <b>Invariants</b> (property tests hold them): within the limits, except that busy workers are never taken away; more work never wants fewer workers; an unreadable queue
/// holds the last decision; failing or stuck work never grows; the same observation twice decides the same.
/// </para>
/// </remarks>
public static class DeadlinePolicy
{
    private const double Z95 = 1.645;

    /// <summary>Decides.</summary>
    /// <param name="seen">What is seen now.</param>
    /// <param name="limits">What to keep to.</param>
    /// <param name="state">The state of the last decision; <see cref="ScalingState.Initial"/> before the first.</param>
    public static ScalingDecision Decide(ScalingObservation seen, ScalingLimits limits, ScalingState state)
    {
        limits.Validate();
        int busy = Math.Min(seen.Busy, seen.Ready);
        int held = Math.Max(Math.Clamp(state.Replicas, limits.Min, limits.Max), busy);

        // 1. Unknown is not zero.
        if (seen.Backlog is not { } backlog)
            return new() { Replicas = held, Reason = $"the queue could not be read: holding {held}", State = state with { Replicas = held } };

        // 2. Nothing left: one worker lingers, then none.
        if (backlog.PartsLeft == 0) return WhenEmpty(seen, limits, state, held, busy);

        // 3. What the deadline needs, then what forbids it.
        var outlook = new Outlook(seen, backlog, limits);
        (int wanted, string reason) = outlook.Wanted(held);
        if (wanted > held && (seen.Failing || seen.Stuck))
        {
            int calm = Math.Max(held, Math.Min(1, limits.Max));
            if (calm < wanted) reason = seen.Failing ? $"workers or parts keep failing: not growing beyond {calm}" : $"the work left does not shrink: not growing beyond {calm}";
            wanted = calm;
        }

        // 4. Never more workers than parts, never fewer than busy ones.
        int most = Math.Max(limits.Min, Math.Min(limits.Max, backlog.PartsLeft));
        if (wanted > most)
        {
            if (backlog.PartsLeft <= limits.Max && held > most) reason = $"{backlog.PartsLeft} parts left: no more workers than parts";
            wanted = most;
        }

        if (wanted < busy) (wanted, reason) = (busy, $"{busy} workers are busy: none of them is taken away");
        return outlook.Decision(wanted, reason);
    }

    private static ScalingDecision WhenEmpty(ScalingObservation seen, ScalingLimits limits, ScalingState state, int held, int busy)
    {
        DateTimeOffset since = state.EmptySince ?? seen.Now;
        bool lingers = held > limits.Min && seen.Now - since < limits.Linger;
        int wanted = Math.Max(busy, lingers ? Math.Max(limits.Min, 1) : limits.Min);
        string reason = lingers ? "no parts left: one worker lingers" : wanted == 0 ? "no parts left: scaled to zero" : $"no parts left: {wanted} stay";
        return new()
        {
            Replicas = wanted,
            Reason = reason,
            Eta = seen.Now,
            EtaP95 = seen.Now,
            EarliestFinish = seen.Now,
            State = new(wanted, since),
        };
    }

    /// <summary>When which number of workers is done.</summary>
    private readonly struct Outlook
    {
        private readonly ScalingObservation _seen;
        private readonly Backlog _backlog;
        private readonly ScalingLimits _limits;
        private readonly FluidModel _fluid;
        private readonly double _left;

        public Outlook(ScalingObservation seen, Backlog backlog, ScalingLimits limits)
        {
            (_seen, _backlog, _limits) = (seen, backlog, limits);
            _fluid = new(backlog.Rows + backlog.RowsInFlight / 2.0, seen.Ready, seen.StartUp.Both.TotalSeconds);
            _left = seen.Deadline is { } deadline ? (deadline - seen.Now).TotalSeconds : limits.Drain.TotalSeconds;
        }

        public (int Wanted, string Reason) Wanted(int held)
        {
            int most = Math.Max(1, Math.Min(_limits.Max, _backlog.PartsLeft));
            if (_seen.Rate is not { } rate)
            {
                int first = Math.Max(held, Math.Min(most, _limits.PodsPerNode));
                return (first, $"no rate measured yet: {first} to begin with");
            }

            double part = _backlog.RowsPerPart / rate.RowsPerSecond;
            double plain = held == 0 ? double.PositiveInfinity : _fluid.Seconds(held, rate.RowsPerSecond) + part;
            // Where workers get lost, so may the last part's, and nobody could help any more when that shows.
            double redo = _seen.Redelivery > TimeSpan.Zero ? _seen.Redelivery.TotalSeconds + part : 0;
            if (plain + redo <= _left) return (held, $"{held} {(_seen.Deadline is null ? "drain the queue soon enough" : "meet the deadline")}");
            if (held > 0 && plain <= _seen.StartUp.Both.TotalSeconds + part) return (held, $"more workers would come too late to help: holding {held}");

            double reserve = part * (1 + _limits.Confidence * rate.Spread) + redo + _limits.Headroom * Math.Max(0, _left);
            int needed = Smallest(most, rate, _left - reserve);
            // A node that is paid for is filled: it ends sooner and costs the same.
            int whole = Math.Min(most, (needed + _limits.PodsPerNode - 1) / _limits.PodsPerNode * _limits.PodsPerNode);
            int wanted = Math.Max(held, whole);
            return (wanted, string.Create(CultureInfo.InvariantCulture, $"{wanted} for {_backlog.Rows + _backlog.RowsInFlight:N0} rows in {TimeSpan.FromSeconds(Math.Max(0, Math.Round(_left))):c}"));
        }

        public ScalingDecision Decision(int wanted, string reason)
        {
            DateTimeOffset? median = null, late = null, earliest = null;
            if (_seen.Rate is { } rate)
            {
                double part = _backlog.RowsPerPart / rate.RowsPerSecond;
                int most = Math.Max(wanted, Math.Min(_limits.Max, _backlog.PartsLeft));
                median = At(_fluid.Seconds(wanted, rate.RowsPerSecond) + part / 2);
                late = At(_fluid.Seconds(wanted, Sure(rate, wanted, Z95)) + part * (1 + Z95 * rate.Spread));
                earliest = At(Math.Max(_fluid.Seconds(most, rate.RowsPerSecond), _backlog.Parts > 0 && _seen.Ready == 0 ? _seen.StartUp.Both.TotalSeconds : 0) + part / 2);
            }

            bool risk = _seen.Deadline is { } deadline && (late is null ? _seen.Now > deadline : late > deadline);
            return new() { Replicas = wanted, Reason = reason, Eta = median, EtaP95 = late, EarliestFinish = earliest, DeadlineAtRisk = risk, State = new(wanted) };
        }

        private int Smallest(int most, WorkerRate rate, double seconds)
        {
            int low = 1, high = most;
            while (low < high)
            {
                int middle = low + (high - low) / 2;
                if (_fluid.Seconds(middle, Sure(rate, middle, _limits.Confidence)) <= seconds) high = middle;
                else low = middle + 1;
            }

            return low;
        }

        /// <summary>The rate that the mean of so many workers will not fall below, as far as the measurements tell.</summary>
        private static double Sure(WorkerRate rate, int workers, double z)
        {
            double doubt = z * rate.Spread * Math.Sqrt(1.0 / Math.Max(1, workers) + 1.0 / Math.Max(1, rate.Samples));
            return rate.RowsPerSecond * Math.Max(0.25, 1 - doubt);
        }

        private DateTimeOffset? At(double seconds) =>
            seconds < TimeSpan.FromDays(3650).TotalSeconds ? _seen.Now.AddSeconds(seconds) : null;
    }
}
