using System.Collections.Immutable;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Runs;

namespace Juoku.Batch.Tests.Runs;

public sealed class PublicationGateTests
{
    [Fact]
    public void Psi_TwoBinsThatSwapShares_IsTheSumByHand()
    {
        // Expected 0.5 / 0.5, found 0.8 / 0.2: 0.3 ln 1.6 + (−0.3) ln 0.4.
        double psi = StabilityIndex.Of(Scores((0.1, 50), (0.2, 50)), Scores((0.1, 80), (0.2, 20)))!.Value;

        Assert.Equal(0.3 * Math.Log(1.6) - 0.3 * Math.Log(0.4), psi, 12);
    }

    [Fact]
    public void Psi_ScoresBeyondTheBaseline_AreAGroupOfTheirOwn()
    {
        // All of them above anything the baseline has: 1 → 0.0001 and 0.0001 → 1.
        double psi = StabilityIndex.Of(Scores((0.1, 100)), Scores((0.9, 100)))!.Value;

        Assert.Equal(2 * (1 - 1e-4) * Math.Log(1e4), psi, 9);
    }

    [Fact]
    public void Psi_SameShares_IsZero() => Assert.Equal(0, StabilityIndex.Of(Scores((0.1, 1), (0.2, 3)), Scores((0.1, 100), (0.2, 300)))!.Value, 12);

    [Fact]
    public void Judge_FirstRunOfASet_PassesWithoutBaseline()
    {
        GateVerdict verdict = Judge(Manifest(rows: 100, (0.1, 100)), null);

        Assert.True(verdict.Passed);
        Assert.Equal(0.1, verdict.Measured["mean_prediction"], 12);
    }

    [Fact]
    public void Judge_EverythingHasMoved_SaysSoALineEach()
    {
        GateVerdict verdict = Judge(Manifest(rows: 10, (0.4, 10)) with { RejectedParts = 1, RejectedRows = 5 }, Manifest(rows: 100, (0.1, 100)),
            new Dictionary<string, double> { ["observed_rate"] = 0.1, ["calibration"] = 1.5 });

        Assert.False(verdict.Passed);
        Assert.Collection(verdict.Reasons,
            line => Assert.Contains("1 of 3 parts have no output", line),
            line => Assert.Contains("0.3333 of the rows were set aside as bad (at most 0.001 may)", line),
            line => Assert.Contains("PSI", line),
            line => Assert.Contains("the mean prediction is 0.4 where run x has 0.1: off by 3 of it", line),
            line => Assert.Contains("the run has 10 rows where run x has 100: off by 0.9", line),
            line => Assert.Contains("10 rows have their keys where run x has 100", line),
            line => Assert.Contains("the rate observed at the training of ctr/1 was 0.1", line),
            line => Assert.Contains("predicted 1.5 clicks for each observed one", line));
    }

    [Fact]
    public void Judge_ChecksSwitchedOff_Pass()
    {
        var off = new GateThresholds { MaxPsi = null, MaxMeanShift = null, MaxRowShift = null };

        Assert.True(Judge(Manifest(rows: 10, (0.4, 10)), Manifest(rows: 100, (0.1, 100)), gate: off).Passed);
    }

    private static GateVerdict Judge(RunManifest run, RunManifest? baseline, Dictionary<string, double>? metrics = null, GateThresholds? gate = null) => PublicationGate.Judge(
        new RunPlan
        {
            Run = "y",
            Set = "click",
            Model = new PinnedModel("ctr/1", "", "", "", []),
            Input = new StoreLocation(null, ""),
            Output = new StoreLocation(null, ""),
            Inputs = [],
            Settings = new RunSettings(),
            Gate = gate ?? new GateThresholds(),
            ModelMetrics = (metrics ?? []).ToImmutableSortedDictionary(),
            ConfigDigest = "",
            Created = default,
        }, run, baseline, [], default);

    private static RunManifest Manifest(long rows, params (double From, long Count)[] bins) => new()
    {
        Run = "x",
        Set = "click",
        Model = "ctr/1",
        ModelDigest = "",
        Parts = 3,
        RejectedParts = 0,
        Rows = rows,
        RejectedRows = 0,
        KeyedRows = rows,
        Bytes = 0,
        Scores = Scores(bins),
        Finished = default,
        ReceiptsDigest = "",
        Files = [],
    };

    private static ScoreSummary Scores(params (double From, long Count)[] bins) =>
        new(bins.Sum(bin => bin.Count), bins.Sum(bin => bin.From * bin.Count), [.. bins.Select(bin => new ScoreBin(bin.From, bin.Count))]);
}
