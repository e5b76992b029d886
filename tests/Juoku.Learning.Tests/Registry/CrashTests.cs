using System.Collections.Immutable;
using Juoku.Learning.Registry;

namespace Juoku.Learning.Tests.Registry;

/// <summary>A process dies at each of its store calls in turn, before or after that call took place. Whatever it leaves, all still works.</summary>
public sealed class CrashTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Register_InterruptedAnywhere_LeavesWholeVersionsOnly(bool lastTakesPlace)
    {
        bool survived = false;
        for (int calls = 0; !survived; calls++)
        {
            using var scratch = new Scratch();
            ModelManifest before = await scratch.RegisterAsync(1);
            var store = new InterruptedStore(scratch.Store, calls, lastTakesPlace);
            survived = await RunAsync(() => new ModelRegistry(store).RegisterAsync(new ModelManifest { Name = "ctr" }, TinyModel.Files(2), Cancel));
            Assert.Equal(survived, !store.IsDown);
            int visible = (await scratch.Registry.VersionsAsync("ctr", Cancel)).Length;
            Assert.InRange(visible, survived ? 2 : 1, 2);

            ModelManifest after = await scratch.RegisterAsync(3);

            Assert.True(after.Version > before.Version);
            ImmutableArray<int> versions = await scratch.Registry.VersionsAsync("ctr", Cancel);
            Assert.Equal(visible + 1, versions.Length);
            await AssertSoundAsync(scratch);
            Assert.Equal(after.Version, (await scratch.Registry.ResolveAsync(ModelReference.Parse("ctr@latest"), Cancel)).Version);
            ImmutableArray<int> unfinished = await scratch.Registry.UnfinishedAsync("ctr", Cancel);
            Assert.Equal(Enumerable.Range(1, after.Version), versions.Concat(unfinished).Order());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PromoteAndRollback_InterruptedAnywhere_MovedOrNot(bool lastTakesPlace)
    {
        bool survived = false;
        for (int calls = 0; !survived; calls++)
        {
            using var scratch = new Scratch();
            for (int leaf = 1; leaf <= 3; leaf++) await scratch.RegisterAsync(leaf, logLoss: 0.3);
            var options = new PromotionOptions();
            await new ModelPromotion(scratch.Registry).PromoteAsync(ModelReference.To("ctr", 1), options, Cancel);
            await new ModelPromotion(scratch.Registry).PromoteAsync(ModelReference.To("ctr", 2), options, Cancel);
            var promotion = new ModelPromotion(new ModelRegistry(new InterruptedStore(scratch.Store, calls, lastTakesPlace)));
            survived = await RunAsync(async () =>
            {
                await promotion.PromoteAsync(ModelReference.To("ctr", 3), options, Cancel);
                await promotion.RollbackAsync("ctr", "champion", Cancel);
            });

            AliasState champion = (await scratch.Registry.FindAliasAsync("ctr", "champion", Cancel))!;
            Assert.Contains(champion.Version, new[] { 2, 3 });
            Assert.Equal(champion.Version, champion.Trail()[^1]);
            await AssertSoundAsync(scratch);
            PromotionResult next = await new ModelPromotion(scratch.Registry).PromoteAsync(ModelReference.To("ctr", 1), options, Cancel);
            Assert.Equal(PromotionOutcome.Moved, next.Outcome);
            Assert.Equal(champion.History.Length + 1, (await scratch.Registry.FindAliasAsync("ctr", "champion", Cancel))!.History.Length);
        }
    }

    private static async Task<bool> RunAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (InterruptedStore.Interruption)
        {
            return false;
        }
    }

    private static async Task AssertSoundAsync(Scratch scratch)
    {
        var verification = new ModelVerification(scratch.Registry);
        foreach (int version in await scratch.Registry.VersionsAsync("ctr", Cancel))
            Assert.All(await verification.RunAsync("ctr", version, Cancel), file => Assert.Null(file.Problem));
        Assert.All(await verification.RunAliasesAsync("ctr", Cancel), file => Assert.Null(file.Problem));
        ModelListing listing = await ModelListing.OfAsync(scratch.Registry, ["ctr"], Cancel);
        Assert.Empty(listing.Problems);
        Assert.All(listing.Versions, version => Assert.Null(version.Problem));
    }
}
