using System.Collections.Concurrent;
using Juoku.Batch.Predicting;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Tests.Registry;

public sealed class ModelPromotionTests : IDisposable
{
    private readonly Scratch _scratch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Promote_FirstVersion_MakesItChampion()
    {
        await _scratch.RegisterAsync();

        PromotionResult result = await PromoteAsync("ctr/1");

        Assert.Equal((PromotionOutcome.Moved, "ctr@champion is ctr/1 now"), (result.Outcome, result.Message));
        Assert.Equal(1, (await _scratch.Registry.ResolveAsync(ModelReference.Parse("ctr"), Cancel)).Version);
        Assert.Equal(PromotionOutcome.Unchanged, (await PromoteAsync("ctr@latest")).Outcome);
    }

    [Fact]
    public async Task Promote_WorseOnTheSameDays_IsRefusedWithTheFigures()
    {
        await _scratch.RegisterAsync(1, logLoss: 0.25);
        await _scratch.RegisterAsync(2, logLoss: 0.26);
        await PromoteAsync("ctr/1");

        PromotionResult result = await PromoteAsync("ctr/2");

        Assert.Equal(PromotionOutcome.Worse, result.Outcome);
        Assert.Equal(
            "ctr/2 is worse than the champion ctr/1: log loss 0.260000 against 0.250000 on 2026-11-21 to 2026-11-21, 4.00 % worse, where 0.10 % is allowed; --force promotes it all the same",
            result.Message);
        Assert.Equal(0.04, result.Comparison!.Change, 12);
        Assert.Equal(1, await ChampionAsync());
        Assert.Equal(PromotionOutcome.Moved, (await PromoteAsync("ctr/2", new PromotionOptions { Force = true })).Outcome);
        Assert.Equal((2, "forced"), ((await HistoryAsync())[^1].To, (await HistoryAsync())[^1].Reason));
    }

    [Theory]
    [InlineData(0.2502, 0.001, PromotionOutcome.Moved)]
    [InlineData(0.2503, 0.001, PromotionOutcome.Worse)]
    [InlineData(0.2503, 0.01, PromotionOutcome.Moved)]
    [InlineData(0.24, 0, PromotionOutcome.Moved)]
    [InlineData(double.NaN, 0.01, PromotionOutcome.Worse)]
    public async Task Promote_WithinTolerance_IsNotRefused(double logLoss, double tolerance, PromotionOutcome outcome)
    {
        await _scratch.RegisterAsync(1, logLoss: 0.25);
        await _scratch.RegisterAsync(2, logLoss: logLoss);
        await PromoteAsync("ctr/1");

        Assert.Equal(outcome, (await PromoteAsync("ctr/2", new PromotionOptions { Tolerance = tolerance })).Outcome);
    }

    [Fact]
    public async Task Promote_OnOtherDays_MeasuresBothOnTheCandidates()
    {
        await _scratch.RegisterAsync(1, logLoss: 0.25);
        await _scratch.RegisterAsync(2, logLoss: 0.20, heldOut: Scratch.HeldOut.AddDays(7));
        await PromoteAsync("ctr/1");
        var measured = new List<(string, DateOnly)>();

        PromotionResult unmeasured = await PromoteAsync("ctr/2");
        PromotionResult result = await PromoteAsync("ctr/2", new PromotionOptions
        {
            Evaluate = (model, days, _) =>
            {
                measured.Add((model.Reference, days.ValidFrom));
                return Task.FromResult(Scratch.Metrics(model.Version == 1 ? 0.21 : 0.22));
            },
        });

        Assert.Equal(PromotionOutcome.Incomparable, unmeasured.Outcome);
        Assert.Equal(PromotionOutcome.Worse, result.Outcome);
        Assert.Equal([("ctr/2", Scratch.HeldOut.AddDays(7)), ("ctr/1", Scratch.HeldOut.AddDays(7))], measured);
        Assert.False(result.Comparison!.ChampionSawThem);
    }

    [Fact]
    public async Task Promote_ImportedOverChampion_NeedsForce()
    {
        await _scratch.RegisterAsync(1, logLoss: 0.25);
        await _scratch.RegisterAsync(2);
        await PromoteAsync("ctr/1");

        Assert.Contains("was imported", (await PromoteAsync("ctr/2")).Message, StringComparison.Ordinal);
        Assert.True((await PromoteAsync("ctr/2", new PromotionOptions { Alias = "canary" })).IsDone);
        Assert.True((await PromoteAsync("ctr/2", new PromotionOptions { Force = true })).IsDone);
    }

    [Fact]
    public async Task Promote_DamagedVersion_StaysWhereItIs()
    {
        await _scratch.RegisterAsync();
        await File.AppendAllTextAsync(_scratch["models/ctr/1/report.html"], "!", Cancel);

        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => PromoteAsync("ctr/1", new PromotionOptions { Force = true }));

        Assert.StartsWith(_scratch["models/ctr/1/report.html"] + ": differs", error.Message, StringComparison.Ordinal);
        Assert.Null(await _scratch.Registry.FindAliasAsync("ctr", "champion", Cancel));
    }

    [Theory]
    [InlineData("latest")]
    [InlineData("Prod")]
    [InlineData("a/b")]
    public async Task Promote_ToBadAlias_IsRefused(string alias)
    {
        await _scratch.RegisterAsync();

        await Assert.ThrowsAsync<UsageException>(() => PromoteAsync("ctr/1", new PromotionOptions { Alias = alias }));
    }

    [Fact]
    public async Task Rollback_Repeated_GoesBackAlongTheHistory()
    {
        for (int version = 1; version <= 4; version++) await _scratch.RegisterAsync(version, logLoss: 0.3);
        await PromoteAsync("ctr/1");
        await PromoteAsync("ctr/2");
        await PromoteAsync("ctr/3");

        Assert.Equal("ctr@champion is ctr/2 again; it was ctr/3", (await RollbackAsync()).Message);
        Assert.Equal(2, await ChampionAsync());
        await PromoteAsync("ctr/4");
        Assert.Equal(2, (await RollbackAsync()).To);
        Assert.Equal(1, (await RollbackAsync()).To);
        Assert.Equal(PromotionOutcome.NothingBefore, (await RollbackAsync()).Outcome);
        Assert.Equal([1, 2, 3, 2, 4, 2, 1], (await HistoryAsync()).Select(move => move.To));
        Assert.Equal([null, 1, 2, 3, 2, 4, 2], (await HistoryAsync()).Select(move => move.From));
        Assert.All(await HistoryAsync(), move => Assert.Equal("tester@here", move.By));
    }

    [Fact]
    public async Task Rollback_OfWhatWasNeverPromoted_IsNotFound()
    {
        await _scratch.RegisterAsync();

        await Assert.ThrowsAsync<ModelNotFoundException>(RollbackAsync);
    }

    [Fact]
    public async Task Promote_WhileAnotherDoes_IsToldByWhom()
    {
        for (int version = 1; version <= 3; version++) await _scratch.RegisterAsync(version, logLoss: 0.3, heldOut: Scratch.HeldOut.AddDays(version));
        await PromoteAsync("ctr/1");

        // The other one promotes between this one's look at the champion and its move.
        PromotionResult result = await PromoteAsync("ctr/2", new PromotionOptions
        {
            Evaluate = async (_, _, _) =>
            {
                await new ModelPromotion(new ModelRegistry(_scratch.Store, "rival@there")).PromoteAsync(ModelReference.To("ctr", 3), new PromotionOptions { Force = true }, Cancel);
                return Scratch.Metrics(0.3);
            },
        });

        Assert.Equal((PromotionOutcome.Overtaken, "ctr@champion was moved to ctr/3 by rival@there meanwhile; look at it and promote again"), (result.Outcome, result.Message));
        Assert.Equal([1, 3], (await HistoryAsync()).Select(move => move.To));
    }

    [Fact]
    public async Task Promote_ManyAtOnce_OneWinsEachRoundAndNoMoveIsLost()
    {
        const int Promoters = 8;
        for (int version = 1; version <= Promoters; version++) await _scratch.RegisterAsync(version);
        var outcomes = new ConcurrentBag<PromotionOutcome>();

        await Task.WhenAll(Enumerable.Range(1, Promoters).Select(version => Task.Run(async () =>
        {
            PromotionResult result;
            do
            {
                result = await PromoteAsync($"ctr/{version}", new PromotionOptions { Force = true });
                outcomes.Add(result.Outcome);
            }
            while (result.Outcome == PromotionOutcome.Overtaken);
        })));

        IReadOnlyList<AliasMove> history = await HistoryAsync();
        Assert.Equal(Promoters, outcomes.Count(outcome => outcome == PromotionOutcome.Moved));
        Assert.Equal(Promoters, history.Count);
        Assert.Equal(Enumerable.Range(1, Promoters), history.Select(move => move.To).Order());
        Assert.Equal(history.SkipLast(1).Select(move => (int?)move.To), history.Skip(1).Select(move => move.From));
    }

    private Task<PromotionResult> PromoteAsync(string reference, PromotionOptions? options = null) =>
        new ModelPromotion(_scratch.Registry).PromoteAsync(ModelReference.Parse(reference), options ?? new PromotionOptions(), Cancel);

    private Task<PromotionResult> RollbackAsync() => new ModelPromotion(_scratch.Registry).RollbackAsync("ctr", ModelReference.Champion, Cancel);

    private async Task<int?> ChampionAsync() => (await _scratch.Registry.FindAliasAsync("ctr", ModelReference.Champion, Cancel))?.Version;

    private async Task<IReadOnlyList<AliasMove>> HistoryAsync() => (await _scratch.Registry.FindAliasAsync("ctr", ModelReference.Champion, Cancel))!.History;
}
