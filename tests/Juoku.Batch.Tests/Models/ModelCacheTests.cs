using System.Security.Cryptography;
using System.Text;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Tests.Models;

public sealed class ModelCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelCache _cache;

    public ModelCacheTests()
    {
        Directory.CreateDirectory(_folder["store/models/ctr/1"]);
        _folder.Write("store/models/ctr/1/model.txt", TinyModel.Text());
        _folder.Write("store/models/ctr/1/model.categories.json", "{\"colour\": [\"red\", \"green\"]}");
        _cache = new ModelCache(Adapters.Local, _folder["cache"]);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Fetch_Twice_ReadsTheStoreOnce()
    {
        PinnedModel model = Pin();
        string folder = await _cache.FetchAsync(model, Cancel);
        Directory.Delete(_folder["store"], recursive: true);

        Assert.Equal(folder, await _cache.FetchAsync(model, Cancel));
        Assert.Equal(_folder[$"cache/{model.ContentDigest()}"], folder);
        Assert.Equal(["model.categories.json", "model.txt"], Names(folder));
        Assert.Equal(2, PredictionModel.Load(Path.Combine(folder, "model.txt")).Categories[2]!.Count);
    }

    [Fact]
    public async Task Fetch_OtherCategories_IsAnotherModel()
    {
        string before = await _cache.FetchAsync(Pin(), Cancel);
        _folder.Write("store/models/ctr/1/model.categories.json", "{\"colour\": [\"green\", \"red\"]}");

        Assert.NotEqual(before, await _cache.FetchAsync(Pin(), Cancel));
    }

    [Theory]
    [InlineData("model.txt")]
    [InlineData("model.categories.json")]
    public async Task Fetch_FileThatChanged_NamesItAndLeavesNothing(string name)
    {
        PinnedModel model = Pin();
        File.AppendAllText(_folder[$"store/models/ctr/1/{name}"], "\n");

        ModelFilesException error = await Assert.ThrowsAsync<ModelFilesException>(() => _cache.FetchAsync(model, Cancel));

        Assert.False(error.IsMissing);
        Assert.StartsWith($"{_folder["store"]}/models/ctr/1/{name}: has SHA-256 ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(Names(_folder["cache"]));
    }

    [Fact]
    public async Task Fetch_FileThatIsGone_IsNotFound()
    {
        PinnedModel model = Pin();
        File.Delete(_folder["store/models/ctr/1/model.categories.json"]);

        ModelFilesException error = await Assert.ThrowsAsync<ModelFilesException>(() => _cache.FetchAsync(model, Cancel));

        Assert.True(error.IsMissing);
        Assert.Contains("/models/ctr/1/model.categories.json: is missing", error.Message, StringComparison.Ordinal);
        Assert.Empty(Names(_folder["cache"]));
    }

    [Fact]
    public async Task Fetch_CopyThatWasDamaged_IsReplaced()
    {
        PinnedModel model = Pin();
        string folder = await _cache.FetchAsync(model, Cancel);
        File.WriteAllText(Path.Combine(folder, "model.txt"), TinyModel.Text()[..100]);

        Assert.Equal(folder, await _cache.FetchAsync(model, Cancel));
        Assert.Equal(TinyModel.Text(), File.ReadAllText(Path.Combine(folder, "model.txt")));
        Assert.Equal([Path.GetFileName(folder)], Names(_folder["cache"]));
    }

    [Fact]
    public async Task Fetch_ManyAtOnce_AllGetTheSameWholeFolder()
    {
        PinnedModel model = Pin();
        ModelCache[] caches = [.. Enumerable.Range(0, 16).Select(_ => new ModelCache(Adapters.Local, _folder["cache"]))];

        string[] folders = await Task.WhenAll(caches.Select(cache => Task.Run(async () =>
        {
            string folder = await cache.FetchAsync(model, Cancel);
            Assert.Equal(TinyModel.Text(), File.ReadAllText(Path.Combine(folder, "model.txt")));
            return folder;
        })));

        Assert.Single(folders.Distinct());
        Assert.Equal([Path.GetFileName(folders[0])], Names(_folder["cache"]));
    }

    [Theory]
    [InlineData("../model.txt")]
    [InlineData(".hidden")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    public async Task Fetch_NameThatIsAPath_IsRefused(string name)
    {
        PinnedModel model = Pin();

        await Assert.ThrowsAsync<ModelFilesException>(() => _cache.FetchAsync(model with { Files = [.. model.Files, new PinnedFile(name, model.Digest)] }, Cancel));
    }

    [Fact]
    public async Task Fetch_StoreThatFails_SaysSo()
    {
        PinnedModel model = Pin();
        var broken = new ModelCache(Adapters.Local.WithStore("file", _ => throw new StoreException("s3://ads", "cannot be reached")), _folder["cache"]);

        await Assert.ThrowsAsync<StoreException>(() => broken.FetchAsync(model, Cancel));
        Assert.Empty(Names(_folder["cache"]));
    }

    [Fact]
    public async Task Fetch_BeyondCapacity_DropsWhatWasLongUnused()
    {
        var clock = new FixedTime();
        var small = new ModelCache(Adapters.Local, _folder["cache"], capacity: 1, time: clock);
        string first = await small.FetchAsync(Pin(), Cancel);
        Directory.CreateDirectory(_folder["cache/.left.partial"]);
        _folder.Write("store/models/ctr/1/model.categories.json", "{}");
        string second = await small.FetchAsync(Pin(), Cancel);
        Assert.True(Directory.Exists(first), "what was used within the hour stays");

        clock.Now += TimeSpan.FromDays(2);
        _folder.Write("store/models/ctr/1/model.categories.json", "{\"colour\": []}");
        string third = await small.FetchAsync(Pin(), Cancel);

        Assert.Equal([Path.GetFileName(third)], Names(_folder["cache"]));
        Assert.NotEqual(second, third);
    }

    [Fact]
    public async Task OfFile_ThenFetch_BringsTheFilesBesideIt()
    {
        PinnedModel model = await PinnedModel.OfFileAsync(_folder["store/models/ctr/1/model.txt"], Cancel);

        Assert.Equal(["model.categories.json", "model.txt"], Names(await _cache.FetchAsync(model, Cancel)));
        Assert.Equal(Pin().ContentDigest(), model.ContentDigest());
        Assert.True((await Assert.ThrowsAsync<ModelFilesException>(() => PinnedModel.OfFileAsync(_folder["absent.txt"], Cancel))).IsMissing);
    }

    [Fact]
    public async Task LoadedModels_AskedOften_LoadOnceAndKeepAFew()
    {
        var models = new LoadedModels(_cache, capacity: 1);
        PinnedModel one = Pin();

        PredictionModel[] loaded = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => models.GetAsync(one, Cancel))));
        _folder.Write("store/models/ctr/1/model.categories.json", "{}");
        PredictionModel other = await models.GetAsync(Pin(), Cancel);

        Assert.All(loaded, model => Assert.Same(loaded[0], model));
        Assert.Same(other, await models.GetAsync(Pin(), Cancel));
        Assert.NotSame(loaded[0], await models.GetAsync(one, Cancel));
    }

    [Fact]
    public async Task LoadedModels_AfterAFailure_TryAgain()
    {
        var models = new LoadedModels(_cache);
        PinnedModel model = Pin();
        File.Move(_folder["store/models/ctr/1/model.txt"], _folder["away"]);
        await Assert.ThrowsAsync<ModelFilesException>(() => models.GetAsync(model, Cancel));
        File.Move(_folder["away"], _folder["store/models/ctr/1/model.txt"]);

        Assert.Equal(model.Digest, (await models.GetAsync(model, Cancel)).Forest.Digest);
    }

    private PinnedModel Pin()
    {
        PinnedFile[] files = [.. new[] { "model.txt", "model.categories.json" }.Select(name =>
            new PinnedFile(name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(File.ReadAllText(_folder[$"store/models/ctr/1/{name}"]))))))];
        return new PinnedModel("ctr/1", _folder["store"], "models/ctr/1/", files[0].Sha256, files);
    }

    private static string[] Names(string folder) => [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private sealed class FixedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
