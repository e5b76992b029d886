using System.Collections.Immutable;
using System.Globalization;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Queues;
using Juoku.Batch.Supervision;
using Juoku.Bench.Results;
using Juoku.Scaling.Simulation;
using Juoku.Scaling.Simulation.Rules;

namespace Juoku.Bench.Run;

/// <summary>
/// <c>juoku bench up</c>: holds the simulator against the real thing. Runs are submitted to <c>juoku up</c>, whose workers are made to start as
/// late as those of a cluster; the simulator is told the same, and the rate and start-up of one run before. Both say when the work is done.
/// </summary>
public static class UpBenchmark
{
    private const double Poll = 0.5;

    private static readonly Course[] Courses =
    [
        new("start-0s", Delay: 0, Arrivals: [0, 0]),
        new("start-5s", Delay: 5, Arrivals: [0, 0, 0]),
        new("start-15s", Delay: 15, Arrivals: [0, 0]),
        new("late-input", Delay: 5, Arrivals: [0, 0, 14]),
        new("two-bursts", Delay: 3, Arrivals: [0, 24]),
    ];

    /// <summary>Makes what the cache lacks, then measures.</summary>
    /// <param name="options">How thoroughly.</param>
    /// <param name="juoku">The command that runs juoku: a path, and arguments to come first.</param>
    /// <param name="adapters">Open store and queue.</param>
    /// <param name="progress">Told what is being done, a line at a time.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="BenchmarkException">A process failed, or a run was not published.</exception>
    public static async Task<BenchmarkReport> RunAsync(BenchmarkOptions options, IReadOnlyList<string> juoku, Adapters adapters, IProgress<string> progress, CancellationToken cancel)
    {
        using var files = new RunFiles(options, progress, cancel);
        PinnedModel pinned = await PinnedModel.OfFileAsync(files.ModelPath, cancel);

        progress.Report("up: a first run, for the rate and the start-up of workers");
        RunCourse[] first = await MeasureAsync(new Course("calibration", 0, [0]));
        double rate = files.Rows / (first[0].LastDone - first[0].FirstBegun) / Environment.ProcessorCount;

        var cases = ImmutableArray.CreateBuilder<BenchmarkCase>();
        foreach (Course course in Courses)
        {
            progress.Report($"up: {course.Name}");
            RunCourse[] runs = await MeasureAsync(course);
            double measured = course.Arrivals.Zip(runs, (at, run) => at + run.LastDone).Max();
            double simulated = Simulate(course, files.Parts, rate, first[0].FirstBegun);
            cases.Add(new BenchmarkCase
            {
                Name = course.Name,
                Seconds = Math.Round(measured, 1),
                PeerSeconds = ImmutableSortedDictionary<string, double>.Empty.Add("simulated", Math.Round(simulated, 1)),
                Ratio = ImmutableSortedDictionary<string, double>.Empty.Add("simulated", Math.Round(simulated / measured, 3)),
                Rows = files.Rows * course.Arrivals.Length,
            });
        }

        return BenchmarkReport.Of("up", options,
            string.Create(CultureInfo.InvariantCulture,
                $"When the last part of runs submitted to juoku up was done, beside what the simulator says, which knows one run before: {rate:N0} rows/s a worker, {first[0].FirstBegun:0.0} s until a worker has begun. ")
                + "The × is simulated over measured.", cases.ToImmutable());

        async Task<RunCourse[]> MeasureAsync(Course course)
        {
            string place = Path.Combine(files.Folder, course.Name);
            Directory.CreateDirectory(place);
            Directory.CreateSymbolicLink(Path.Combine(place, "input"), files.Input);
            string delay = string.Create(CultureInfo.InvariantCulture, $"{course.Delay}s"), poll = string.Create(CultureInfo.InvariantCulture, $"{Poll * 1000}ms");
            await using var bench = new RunBench(adapters, place, $"sqlite:{Path.Combine(place, "queue.db")}", pinned, [.. juoku, "up", "--start-delay", delay, "--poll", poll]);
            return await Task.WhenAll(course.Arrivals.Select(async at =>
            {
                await Task.Delay(TimeSpan.FromSeconds(at), cancel);
                return await bench.CourseAsync(cancel);
            }));
        }
    }

    private static double Simulate(Course course, int parts, double rate, double startUp)
    {
        int workers = Environment.ProcessorCount;
        var scenario = new Scenario
        {
            Name = course.Name,
            Arrivals = [.. course.Arrivals.Select(at => new Arrival(at, parts, RunFiles.RowsPerPart))],
            Workers = new WorkerBehaviour { RowsPerSecond = rate, Spread = 0, StragglerShare = 0, FailureShare = 0 },
            Cluster = new ClusterBehaviour { PodsPerNode = workers, MaxPods = workers, PodStart = course.Delay + startUp, NodeStart = 0, StartSpread = 0, ScanPeriod = Poll },
        };
        return Simulator.Run(scenario, new SupervisorRule(workers)).Finish ?? throw new BenchmarkException($"the simulation of {course.Name} does not end");
    }

    /// <summary>Runs that are submitted at certain seconds to workers that start so many seconds late.</summary>
    private sealed record Course(string Name, int Delay, ImmutableArray<int> Arrivals);

    /// <summary>The rule of <c>juoku up</c> itself.</summary>
    private sealed class SupervisorRule(int most) : ScalingRule
    {
        private readonly WorkerDemand _demand = new(new SupervisorOptions { MaxWorkers = most });

        public override string Name => "up";

        public override double Period => Poll;

        public override bool SparesBusy => true;

        public override int Wanted(in ClusterView view) => _demand.Wanted(new QueueDepth(view.Visible, view.InFlight, 0), TimeSpan.FromSeconds(view.Now));
    }
}
