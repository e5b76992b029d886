using Juoku.Scaling.Simulation.Rules;

namespace Juoku.Scaling.Simulation;

/// <summary>
/// Simulates a run, event by event, in simulated time only.
/// </summary>
/// <remarks>
/// <para>
/// <b>Idea.</b> Parts arrive in a queue. A rule is asked at its period how many workers it wants. New workers are pending until a node has
/// room; the cluster's autoscaler looks at pending workers every few seconds and asks for as many nodes as they need beyond what is
/// starting. A ready worker takes the part that has waited longest. A part takes its rows over the worker's rate, longer when it straggles;
/// when its worker fails or its node is lost, it comes back after the visibility time-out. An empty node is given back after a while.
/// Nodes are paid for from the moment they are asked for.
/// </para>
/// <para>
/// <b>Luck</b> belongs to parts, workers and nodes by number (<see cref="Draws"/>), not to the order of events: every rule meets the same.
/// </para>
/// <para>
/// <b>End.</b> Everything arrived, is done, and the nodes are gone; a rule that keeps workers without work is charged to the deadline, or to the
/// end of the run if that is later. A run that is not done at four times its deadline (or a week) is given up.
/// </para>
/// </remarks>
public sealed class Simulator
{
    private readonly Scenario _scenario;
    private readonly ScalingRule _rule;
    private readonly Draws _draws;
    private readonly ClusterBehaviour _cluster;
    private readonly PriorityQueue<SimulatedEvent, (double At, long Order)> _events = new();
    private readonly List<long> _rows = [];
    private readonly List<int> _attempts = [];
    private readonly Queue<int> _waiting = new();
    private readonly Stack<SimulatedPod> _idle = new();
    private readonly List<SimulatedPod> _pods = [];
    private readonly List<SimulatedPod> _pending = [];
    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<TimelinePoint>? _timeline;
    private readonly double _end;

    private double _now;
    private long _order, _podCount, _nodeCount, _visibleRows, _flightRows;
    private int _inFlight, _ready, _busy, _wanted, _peakPods, _peakNodes, _lost, _killed, _turns, _direction, _arrivals, _finished;
    private double _nodeSeconds, _rateSum, _rateSquares;
    private double? _finish;

    private Simulator(Scenario scenario, ScalingRule rule, bool timeline)
    {
        (_scenario, _rule, _cluster, _draws) = (scenario, rule, scenario.Cluster, new(scenario.Seed));
        _timeline = timeline ? [] : null;
        double last = scenario.Arrivals.Count == 0 ? 0 : scenario.Arrivals[^1].Seconds;
        _end = Math.Max(last + 3600, scenario.Deadline is { } deadline ? 4 * deadline : 7 * 86400);
    }

    /// <summary>Runs a scenario under a rule, which has to be a fresh one.</summary>
    public static SimulationResult Run(Scenario scenario, ScalingRule rule, bool timeline = false) => new Simulator(scenario, rule, timeline).Run();

    private bool AllDone => _arrivals == _scenario.Arrivals.Count && _finished == _rows.Count;

    private SimulationResult Run()
    {
        for (int i = 0; i < _scenario.Arrivals.Count; i++) At(_scenario.Arrivals[i].Seconds, new(EventKind.Arrival, Number: i));
        At(0, new(EventKind.Question));
        At(0, new(EventKind.Scan));
        long count = 0;
        while (_events.TryDequeue(out SimulatedEvent next, out (double At, long Order) when))
        {
            if (when.At > _end || (AllDone && when.At > Math.Max(_scenario.Deadline ?? 0, _finish ?? 0) && (_nodes.Count == 0 || _wanted > 0))) break;
            if (AllDone && _nodes.Count == 0 && _wanted == 0) break;
            _now = when.At;
            count++;
            Happen(next);
        }

        foreach (SimulatedNode node in _nodes) _nodeSeconds += _now - node.Since;
        return new()
        {
            Finish = AllDone ? _finish ?? 0 : null,
            NodeSeconds = _nodeSeconds,
            Cost = _nodeSeconds * _cluster.NodePrice / 3600,
            PeakPods = _peakPods,
            PeakNodes = _peakNodes,
            LostParts = _lost,
            KilledBusy = _killed,
            Turns = _turns,
            Events = count,
            Timeline = _timeline ?? [],
        };
    }

    private void At(double time, SimulatedEvent happening) => _events.Enqueue(happening, (time, _order++));

    private void Happen(SimulatedEvent what)
    {
        switch (what.Kind)
        {
            case EventKind.Arrival: Arrive(_scenario.Arrivals[what.Number]); break;
            case EventKind.Question: Ask(); break;
            case EventKind.Scan: Scan(); break;
            case EventKind.NodeReady when !what.Node!.IsGone: what.Node.IsReady = true; Place(); break;
            case EventKind.PodReady when !what.Pod!.IsGone: BecomeReady(what.Pod); break;
            case EventKind.PartDone when what.Pod!.Part == what.Number && !what.Pod.IsGone: Finish(what.Pod); break;
            case EventKind.PartFailed when what.Pod!.Part == what.Number && !what.Pod.IsGone: Fail(what.Pod); break;
            case EventKind.PartBack: Return(what.Number); break;
            case EventKind.NodeLost when !what.Node!.IsGone: Lose(what.Node); break;
            case EventKind.NodeEmpty when !what.Node!.IsGone && what.Node.Pods.Count == 0 && what.Node.Vacancy == what.Number: Release(what.Node); break;
        }
    }

    private void Arrive(Arrival arrival)
    {
        _arrivals++;
        for (int i = 0; i < arrival.Parts; i++)
        {
            _rows.Add(arrival.RowsPerPart);
            _attempts.Add(0);
            _waiting.Enqueue(_rows.Count - 1);
            _visibleRows += arrival.RowsPerPart;
        }

        HandOut();
    }

    private void Ask()
    {
        double mean = _finished == 0 ? 0 : _rateSum / _finished;
        double spread = _finished < 2 || mean <= 0 ? 0 : Math.Sqrt(Math.Max(0, _rateSquares / _finished - mean * mean)) / mean;
        var view = new ClusterView(
            _now, _waiting.Count, _visibleRows, _inFlight, _flightRows, _wanted, _ready, _pods.Count - _ready, _busy, _finished, mean, spread);
        int wanted = Math.Clamp(_rule.Wanted(view), 0, Math.Max(_cluster.MaxPods, _busy));
        if (wanted != _wanted)
        {
            int direction = Math.Sign(wanted - _wanted);
            if (_direction != 0 && direction != _direction) _turns++;
            _direction = direction;
        }

        _wanted = wanted;
        _peakPods = Math.Max(_peakPods, wanted);
        while (_pods.Count < wanted) AddPod();
        if (_pods.Count > wanted) RemovePods(_pods.Count - wanted);
        Place();
        _timeline?.Add(new(_now, _wanted, _ready, _nodes.Count, _visibleRows + _flightRows));
        At(_now + _rule.Period, new(EventKind.Question));
    }

    private void AddPod()
    {
        long id = _podCount++;
        var pod = new SimulatedPod(id) { Speed = _draws.Around1(_scenario.Workers.Spread, Draws.Of.Worker, id) };
        _pods.Add(pod);
        _pending.Add(pod);
    }

    private void RemovePods(int count)
    {
        // As a ReplicaSet does: what has no node first, then what is not ready, then by deletion cost where busy workers have one, then the newest.
        bool spares = _rule.SparesBusy;
        foreach (SimulatedPod pod in _pods
            .OrderBy(pod => pod.Node is null ? 0 : !pod.IsReady ? 1 : spares && pod.Part >= 0 ? 3 : 2)
            .ThenByDescending(pod => pod.Id).Take(count).ToList())
        {
            // A worker that is told to stop gives its part back at once.
            if (pod.Part >= 0)
            {
                _killed++;
                At(_now, new(EventKind.PartBack, Number: pod.Part));
                _lost++;
            }

            Remove(pod);
        }
    }

    private void Remove(SimulatedPod pod)
    {
        pod.IsGone = true;
        _pods.Remove(pod);
        if (pod.Node is null) _pending.Remove(pod);
        if (pod.IsReady) _ready--;
        if (pod.Part >= 0) _busy--;
        if (pod.Node is { IsGone: false } node && node.Pods.Remove(pod) && node.Pods.Count == 0) Vacate(node);
    }

    private void Vacate(SimulatedNode node) => At(_now + _cluster.NodeLinger, new(EventKind.NodeEmpty, Node: node, Number: ++node.Vacancy));

    private void Place()
    {
        if (_pending.Count == 0) return;
        int placed = 0;
        foreach (SimulatedNode node in _nodes)
        {
            if (!node.IsReady) continue;
            for (; placed < _pending.Count && node.Pods.Count < _cluster.PodsPerNode; placed++)
            {
                SimulatedPod pod = _pending[placed];
                pod.Node = node;
                node.Pods.Add(pod);
                At(_now + _cluster.PodStart * _draws.Around1(_cluster.StartSpread, Draws.Of.PodStart, pod.Id), new(EventKind.PodReady, pod));
            }
        }

        _pending.RemoveRange(0, placed);
    }

    private void Scan()
    {
        int starting = _nodes.Count(node => !node.IsReady) * _cluster.PodsPerNode;
        for (int missing = _pending.Count - starting; missing > 0; missing -= _cluster.PodsPerNode)
        {
            var node = new SimulatedNode(_nodeCount++, _now);
            _nodes.Add(node);
            double start = _cluster.NodeStart * _draws.Around1(_cluster.StartSpread, Draws.Of.NodeStart, node.Id);
            At(_now + start, new(EventKind.NodeReady, Node: node));
            // A node nobody uses in the end goes as well.
            At(_now + start + _cluster.NodeLinger, new(EventKind.NodeEmpty, Node: node, Number: 0));
            double life = _draws.Exponential(_cluster.InterruptionsPerHour / 3600, Draws.Of.NodeLife, node.Id);
            if (life < _end) At(_now + start + life, new(EventKind.NodeLost, Node: node));
        }

        _peakNodes = Math.Max(_peakNodes, _nodes.Count);
        At(_now + _cluster.ScanPeriod, new(EventKind.Scan));
    }

    private void BecomeReady(SimulatedPod pod)
    {
        pod.IsReady = true;
        _ready++;
        _idle.Push(pod);
        HandOut();
    }

    private void HandOut()
    {
        while (_waiting.Count > 0 && _idle.TryPop(out SimulatedPod? pod))
        {
            if (pod.IsGone) continue;
            int part = _waiting.Dequeue();
            int attempt = _attempts[part]++;
            long rows = _rows[part];
            _visibleRows -= rows;
            _flightRows += rows;
            _inFlight++;
            _busy++;
            (pod.Part, pod.Since) = (part, _now);
            WorkerBehaviour workers = _scenario.Workers;
            double seconds = rows / (workers.RowsPerSecond * pod.Speed);
            if (_draws.Uniform(Draws.Of.Straggler, part, attempt) < workers.StragglerShare) seconds *= workers.StragglerFactor;
            double failure = workers.FailureShare <= 0 ? 1 : _draws.Uniform(Draws.Of.Failure, part, attempt) / workers.FailureShare;
            if (failure < 1) At(_now + seconds * failure, new(EventKind.PartFailed, pod, Number: part));
            else At(_now + seconds, new(EventKind.PartDone, pod, Number: part));
        }
    }

    private void Finish(SimulatedPod pod)
    {
        long rows = _rows[pod.Part];
        double rate = rows / Math.Max(1e-9, _now - pod.Since);
        _rateSum += rate;
        _rateSquares += rate * rate;
        _flightRows -= rows;
        _inFlight--;
        _finished++;
        if (AllDone) _finish = _now;
        Free(pod);
    }

    private void Fail(SimulatedPod pod)
    {
        _lost++;
        At(_now + _scenario.Workers.Visibility, new(EventKind.PartBack, Number: pod.Part));
        Free(pod);
    }

    private void Free(SimulatedPod pod)
    {
        pod.Part = -1;
        _busy--;
        _idle.Push(pod);
        HandOut();
    }

    private void Return(int part)
    {
        _inFlight--;
        _flightRows -= _rows[part];
        _visibleRows += _rows[part];
        _waiting.Enqueue(part);
        HandOut();
    }

    private void Lose(SimulatedNode node)
    {
        Release(node);
        foreach (SimulatedPod pod in node.Pods.ToList())
        {
            if (pod.Part >= 0)
            {
                _lost++;
                At(_now + _scenario.Workers.Visibility, new(EventKind.PartBack, Number: pod.Part));
            }

            Remove(pod);
        }

        // The Deployment makes up for lost workers at once.
        while (_pods.Count < _wanted) AddPod();
        Place();
    }

    private void Release(SimulatedNode node)
    {
        node.IsGone = true;
        _nodes.Remove(node);
        _nodeSeconds += _now - node.Since;
    }
}
