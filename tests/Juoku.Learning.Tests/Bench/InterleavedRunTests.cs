using System.Diagnostics;
using Juoku.Bench.Predict;
using Juoku.Bench.Timing;

namespace Juoku.Learning.Tests.Bench;

public sealed class InterleavedRunTests
{
    [Fact]
    public void Measure_OfTwo_TakesTurnsAndComparesThemRoundByRound()
    {
        var order = new List<string>();
        double[] ours = [10, 40, 20];
        double[] theirs = [5, 10, 10];
        InterleavedRun run = InterleavedRun.Measure(
        [
            ("ours", round => { order.Add("ours"); return ours[round]; }),
            ("theirs", round => { order.Add("theirs"); return theirs[round]; }),
        ], rounds: 3, TestContext.Current.CancellationToken);

        Assert.Equal(["ours", "theirs", "theirs", "ours", "ours", "theirs"], order);
        Assert.Equal(20, run.Rate("ours"));
        Assert.Equal(10, run.Rate("theirs"));
        Assert.Equal(2, run.Ratio("theirs"));
    }

    [Fact]
    public void Calibrate_OfAQuickContestant_RepeatsAllRowsUntilTheSampleIsLongEnough()
    {
        long rows = 0;
        var clock = new SteppingClock();
        var contestant = new Contestant("quick", 1_000, (_, count) =>
        {
            rows += count;
            clock.Advance(TimeSpan.FromMicroseconds(4 * count));
        }, clock);
        contestant.Calibrate(TimeSpan.FromMilliseconds(40));
        rows = 0;

        Assert.Equal(250_000, contestant.Sample(round: 3), 1e-6);
        Assert.Equal(10_000, rows);
        Assert.Equal(1_000, contestant.RowsPerCall);
    }

    [Fact]
    public void Sample_OfASlowContestant_MovesThroughTheRowsWithTheRounds()
    {
        var firsts = new List<int>();
        var clock = new SteppingClock();
        var contestant = new Contestant("slow", 4_096, (first, count) =>
        {
            firsts.Add(first);
            clock.Advance(TimeSpan.FromMicroseconds(8 * count));
        }, clock);
        contestant.Calibrate(TimeSpan.FromMicroseconds(8 * 1_024));
        firsts.Clear();
        for (int round = 0; round < 5; round++) contestant.Sample(round);

        Assert.Equal([0, 1_024, 2_048, 3_072, 0], firsts);
    }

    [Fact]
    public void ChildProcess_OfACommand_TellsItsExitItsOutputAndItsMemory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The memory of a process is measured on Linux only.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("juoku-process-tests-");
        try
        {
            string output = Path.Combine(folder.FullName, "out");
            string error = Path.Combine(folder.FullName, "err");
            ProcessCost cost = ChildProcess.Run(["/bin/sh", "-c", "echo said; echo wrong >&2; exit 7"], output, error);

            Assert.Equal(7, cost.ExitCode);
            Assert.Equal("said\n", File.ReadAllText(output));
            Assert.Equal("wrong\n", File.ReadAllText(error));
            // To the kernel a child has once held what its parent held, and these tests hold a lot.
            using Process self = Process.GetCurrentProcess();
            Assert.InRange(cost.PeakResidentBytes, 100_000, Math.Max(1_000_000_000, self.PeakWorkingSet64));
            Assert.True(cost.Seconds > 0);
            Assert.Equal(cost, ProcessCost.FromJson(cost.ToJson()));
            Assert.Equal(128 + 9, ChildProcess.Run(["/bin/sh", "-c", "kill -9 $$"], output, error).ExitCode);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class SteppingClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}
