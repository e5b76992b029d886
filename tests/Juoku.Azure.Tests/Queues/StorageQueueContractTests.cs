using System.Text.Json;
using Azure.Storage.Queues;
using Juoku.Azure.Queues;
using Juoku.Batch.Queues;
using Juoku.Tests.Contracts;
using Juoku.Tests.Servers;

namespace Juoku.Azure.Tests.Queues;

public sealed class StorageQueueContractTests(AzuriteFixture azurite) : QueueContract
{
    protected override bool CountsInFlight => false;

    protected override int Crowd => 60; // the emulator takes its time

    private AzuriteServer? _server;

    protected override async Task<IQueue> OpenAsync(string name)
    {
        await ClientAsync(name);
        return StorageQueue.Open($"azq://{name}", _server!.Environment.GetValueOrDefault);
    }

    protected override async Task<IQueue> OpenMissingAsync() =>
        StorageQueue.Open("azq://no-such-queue", (await azurite.RunningAsync()).Environment.GetValueOrDefault);

    protected override async Task<(string Body, string Reason)> ReadDeadLetterAsync(string name)
    {
        QueueClient dead = await ClientAsync(name + "-poison");
        using var letter = JsonDocument.Parse((await dead.ReceiveMessageAsync(cancellationToken: Cancellation)).Value.MessageText);
        return (letter.RootElement.GetProperty("body").GetString()!, letter.RootElement.GetProperty("reason").GetString()!);
    }

    private async Task<QueueClient> ClientAsync(string name)
    {
        _server ??= await azurite.RunningAsync();
        QueueClient client = new QueueServiceClient(_server.Environment["AZURE_STORAGE_CONNECTION_STRING"]).GetQueueClient(name);
        await client.CreateIfNotExistsAsync(cancellationToken: Cancellation);
        return client;
    }
}
