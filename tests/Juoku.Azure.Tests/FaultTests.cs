using Juoku.Azure.Queues;
using Juoku.Azure.Stores;
using Juoku.Batch;
using Juoku.Batch.Queues;
using Juoku.Batch.Stores;
using Juoku.Tests.Servers;

namespace Juoku.Azure.Tests;

public sealed class FaultTests(AzuriteFixture azurite)
{
    private const string Nobody =
        "AccountName=a;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:9/a;QueueEndpoint=http://127.0.0.1:9/a;"; // a port where nothing listens

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("az://"), InlineData("az://UPPER/x"), InlineData("az:/container"), InlineData("az://ab")]
    public void OpenStore_WrongUrl_IsRefused(string url) =>
        Assert.StartsWith($"'{url}': ", Assert.Throws<AddressException>(() => Adapters.Local.AddAzure().OpenStore(url)).Message);

    [Theory]
    [InlineData("azq://"), InlineData("azq://a--b"), InlineData("azq://Upper"), InlineData("azq://queue/more"), InlineData("azq://-queue")]
    public void OpenQueue_WrongUrl_IsRefused(string url) =>
        Assert.StartsWith($"'{url}': ", Assert.Throws<AddressException>(() => Adapters.Local.AddAzure().OpenQueue(url)).Message);

    [Fact]
    public void Open_AccountUnnamed_SaysWhatToSet()
    {
        Assert.Contains("AZURE_STORAGE_CONNECTION_STRING", Assert.Throws<StoreException>(() => BlobStore.Open("az://container", _ => null)).Message);
        Assert.Contains("AZURE_STORAGE_CONNECTION_STRING", Assert.Throws<QueueException>(() => StorageQueue.Open("azq://queue", _ => null)).Message);
    }

    [Fact]
    public void Open_ConnectionStringDamaged_SaysSo()
    {
        Assert.Contains("cannot be used", Assert.Throws<StoreException>(() => BlobStore.Open("az://container", _ => "nonsense")).Message);
        Assert.Contains("cannot be used", Assert.Throws<QueueException>(() => StorageQueue.Open("azq://queue", _ => "nonsense")).Message);
    }

    [Theory]
    [InlineData("AZURE_STORAGE_CONNECTION_STRING", "AccountName=a;AccountKey=AAAA;BlobEndpoint=http://[::1]:10000/a;QueueEndpoint=http://[::1]:10001/a;")]
    [InlineData("AZURE_STORAGE_SERVICE_ENDPOINT", "https://[::1]:10000/a")]
    public void Open_Ipv6Address_SaysThatItWantsAName(string variable, string value)
    {
        Assert.Contains("give it a name", Assert.Throws<StoreException>(() => BlobStore.Open("az://container", name => name == variable ? value : null)).Message);
        Assert.Contains("give it a name", Assert.Throws<QueueException>(() => StorageQueue.Open("azq://queue", name => name == variable ? value : null)).Message);
    }

    [Theory]
    [InlineData("AZURE_STORAGE_ACCOUNT", "acme", "https://acme.blob.core.windows.net/", "https://acme.queue.core.windows.net/")]
    [InlineData("AZURE_STORAGE_SERVICE_ENDPOINT", "https://acme.queue.core.example", "https://acme.blob.core.example/", "https://acme.queue.core.example/")]
    [InlineData("AZURE_STORAGE_SERVICE_ENDPOINT", "https://127.0.0.1:10000/acme", "https://127.0.0.1:10000/acme", "https://127.0.0.1:10000/acme")]
    public void Account_WithoutAKey_HasTheEndpointsOfBothServices(string variable, string value, string blob, string queue)
    {
        AzureAccount account = AzureAccount.Find(name => name == variable ? value : null)!;

        Assert.Equal((new Uri(blob), new Uri(queue)), (account.EndpointOf("blob"), account.EndpointOf("queue")));
    }

    [Fact]
    public async Task Store_ContainerMissing_EveryCallSaysSo()
    {
        AzuriteServer server = await azurite.RunningAsync();
        await using BlobStore store = BlobStore.Open("az://no-such-container/x", server.Environment.GetValueOrDefault);
        StoreNotFoundException[] faults =
        [
            await Assert.ThrowsAsync<StoreNotFoundException>(() => store.FindAsync("a", Cancellation)),
            await Assert.ThrowsAsync<StoreNotFoundException>(() => store.GetAsync("a", Cancellation)),
            await Assert.ThrowsAsync<StoreNotFoundException>(() => store.PutAsync("a", new byte[1], PutCondition.IfAbsent, Cancellation)),
            await Assert.ThrowsAsync<StoreNotFoundException>(() => store.DeleteAsync("a", Cancellation)),
            await Assert.ThrowsAsync<StoreNotFoundException>(async () => await store.ListAsync("", Cancellation).AnyAsync(Cancellation)),
        ];

        Assert.All(faults, fault => Assert.Matches("^az://no-such-container/x: there is no container 'no-such-container' in http://127.0.0.1:[0-9]+; .*$", fault.Message));
    }

    [Fact]
    public async Task Use_WrongKey_IsRefusedInOneLine()
    {
        AzuriteServer server = await azurite.RunningAsync();
        await using BlobStore store = BlobStore.Open("az://container", _ => server.WrongConnectionString);
        await using StorageQueue queue = StorageQueue.Open("azq://queue", _ => server.WrongConnectionString);

        StoreException fault = await Assert.ThrowsAsync<StoreException>(() => store.GetAsync("a", Cancellation));
        Assert.Matches("^az://container/a: cannot be read: http://[^ ]+ refused access .*check the credentials.*$", fault.Message);
        Assert.Matches("^azq://queue: cannot send: http://[^ ]+ refused access .*$",
            (await Assert.ThrowsAsync<QueueException>(() => queue.SendAsync(["x"], Cancellation))).Message);
    }

    [Fact]
    public async Task Use_NobodyThere_SaysSoAfterAllAttempts()
    {
        await using BlobStore store = BlobStore.Open("az://container", _ => Nobody);
        await using StorageQueue queue = StorageQueue.Open("azq://queue", _ => Nobody);
        Task<StoreException> stored = Assert.ThrowsAsync<StoreException>(() => store.FindAsync("a", Cancellation));
        Task<QueueException> counted = Assert.ThrowsAsync<QueueException>(() => queue.CountAsync(Cancellation));

        Assert.Matches("^az://container/a: cannot be looked up: cannot reach http://127.0.0.1:9 .*$", (await stored).Message);
        Assert.Matches("^azq://queue: cannot count messages: cannot reach http://127.0.0.1:9 .*$", (await counted).Message);
    }

    [Fact]
    public async Task Send_MoreThanTheLimit_SaysSo()
    {
        AzuriteServer server = await azurite.RunningAsync();
        await new global::Azure.Storage.Queues.QueueClient(server.Environment["AZURE_STORAGE_CONNECTION_STRING"], "large").CreateIfNotExistsAsync(cancellationToken: Cancellation);
        await using StorageQueue queue = StorageQueue.Open("azq://large", server.Environment.GetValueOrDefault);

        QueueException fault = await Assert.ThrowsAsync<QueueException>(() => queue.SendAsync([new string('x', 70_000)], Cancellation));
        Assert.Equal("azq://large: cannot send: a message is larger than 64 KiB, the most that Azure takes", fault.Message);
    }

    [Fact]
    public void DeadLetter_TooLong_LosesReasonBeforeBody()
    {
        string body = new('億', 20_000);

        Assert.Contains("column", new DeadLetter("column", 3, body).ToText(StorageQueue.TextLimit));
        Assert.Contains("ccc…", new DeadLetter(new string('c', 10_000), 3, body).ToText(StorageQueue.TextLimit));
        Assert.Equal(body, new DeadLetter("column", 3, body).ToText(60_010));
    }
}
