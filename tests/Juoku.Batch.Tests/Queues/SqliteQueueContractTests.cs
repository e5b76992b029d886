using Juoku.Batch.Queues;
using Juoku.Tests.Contracts;
using Microsoft.Data.Sqlite;

namespace Juoku.Batch.Tests.Queues;

public sealed class SqliteQueueContractTests : QueueContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    protected override TimeSpan Short => TimeSpan.FromMilliseconds(200);

    protected override Task<IQueue> OpenAsync(string name) => Task.FromResult<IQueue>(SqliteQueue.Open($"sqlite:{_folder[name]}"));

    protected override Task<IQueue> OpenMissingAsync() => Task.FromResult<IQueue>(SqliteQueue.Open($"sqlite:{_folder["missing"]}/queue.db"));

    protected override async Task<(string Body, string Reason)> ReadDeadLetterAsync(string name)
    {
        await using var file = new SqliteConnection($"Data Source={_folder[name]};Pooling=false");
        await file.OpenAsync(Cancellation);
        await using SqliteCommand query = file.CreateCommand();
        query.CommandText = "SELECT body, reason FROM dead";
        await using SqliteDataReader row = await query.ExecuteReaderAsync(Cancellation);
        Assert.True(await row.ReadAsync(Cancellation));
        return (row.GetString(0), row.GetString(1));
    }

    public void Dispose() => _folder.Dispose();
}
