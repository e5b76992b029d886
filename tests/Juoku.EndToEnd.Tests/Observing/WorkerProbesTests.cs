using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Juoku.Batch.Queues;
using Microsoft.Data.Sqlite;

namespace Juoku.EndToEnd.Tests.Observing;

/// <summary>What a prober and a scraper see of a worker in a process of its own.</summary>
public sealed partial class WorkerProbesTests
{
    private const string Endpoint = """on (http://[^"\s]+)""";

    private static readonly HttpClient Http = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_AfterARun_AreExact()
    {
        using var folder = new TemporaryFolder();
        string day = Directory.CreateDirectory(folder["data/features/click/dt=2026-11-23"]).FullName;
        folder.Write("model.txt", TinyModel.Text);
        foreach (int part in (int[])[0, 1, 2]) File.WriteAllText(Path.Combine(day, $"part-{part}.csv"), "id,age,price\na,20,3\nb,40,30\n");
        File.WriteAllText(Path.Combine(day, "part-3.csv"), "id,age,price\na,20,3\nb,forty,30\n");
        string[] places = ["--store", folder["data"], "--queue", $"sqlite:{folder["queue.db"]}"];
        JuokuResult submit = JuokuProcess.Run(["run", "submit", .. places, "--model", folder["model.txt"], "--input", "features/click/dt=2026-11-23",
            "--output", "predictions/click", "--key", "id", "--max-reject-share", "0.6"]);
        Assert.True(submit.ExitCode == 0, submit.Error);

        await using var worker = new RunningJuoku(["worker", .. places, "--metrics-port", "0"]);
        string url = await worker.SaysAsync(Endpoint);
        string[] lines = await ScrapeUntilAsync(url, line => line == "juoku_parts_done_total{state=\"finished\"} 4");
        worker.Terminate();
        Assert.Equal(0, await worker.EndAsync());

        Assert.Contains("juoku_rows_scored_total{} 7", lines);
        Assert.Contains("juoku_rows_rejected_total{} 1", lines);
        Assert.Contains("juoku_part_duration_seconds_count{} 4", lines);
        Assert.Contains("juoku_part_duration_seconds_bucket{le=\"600\"} 4", lines);
        Assert.Contains("juoku_part_duration_seconds_bucket{le=\"+Inf\"} 4", lines);
        double[] bounds = [.. lines.Select(line => BucketPattern().Match(line)).Where(match => match.Success && match.Groups[1].Value != "+Inf")
            .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.Equal(Juoku.Batch.Runs.Workers.WorkerMeters.DurationBuckets, bounds);
    }

    [Fact]
    public async Task Readyz_SigtermDuringAPollThatHangs_TurnsFirst()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data"]);
        string path = folder["queue.db"];
        await using (SqliteQueue queue = SqliteQueue.Open($"sqlite:{path}"))
        {
            await queue.SendAsync(["not ours"], Cancellation);
            Assert.Single(await queue.ReceiveAsync(1, TimeSpan.Zero, TimeSpan.FromHours(1), Cancellation));
        }

        await using var worker = new RunningJuoku("worker", "--store", folder["data"], "--queue", $"sqlite:{path}", "--metrics-port", "0");
        string url = await worker.SaysAsync(Endpoint);
        await RunningJuoku.UntilAsync(async () => await StatusAsync(url + "/readyz") == HttpStatusCode.OK);

        // The message comes back while the file is locked: the worker, which had found the queue empty, is held up in the middle of its poll.
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Execute(connection, $"UPDATE message SET visible_at = {DateTimeOffset.UtcNow.AddSeconds(1).ToUnixTimeMilliseconds()}");
        Execute(connection, "BEGIN IMMEDIATE");
        await Task.Delay(TimeSpan.FromSeconds(2), Cancellation);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(url + "/readyz"));
        worker.Terminate();

        await RunningJuoku.UntilAsync(async () => await StatusAsync(url + "/readyz") == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(url + "/healthz"));
        Execute(connection, "ROLLBACK");
        Assert.Equal(0, await worker.EndAsync());
    }

    [Fact]
    public void Worker_PortTaken_EndsWithOneLineAndCode2()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data"]);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        JuokuResult worker = JuokuProcess.Run("worker", "--store", folder["data"], "--queue", $"sqlite:{folder["queue.db"]}", "--metrics-port", port);

        Assert.Equal(2, worker.ExitCode);
        Assert.Single(worker.Error.TrimEnd().Split('\n'));
        Assert.Contains($"--metrics-port {port}", worker.Error, StringComparison.Ordinal);
    }

    private static async Task<string[]> ScrapeUntilAsync(string url, Predicate<string> isThere)
    {
        string[] lines = [];
        await RunningJuoku.UntilAsync(async () => (lines = (await Http.GetStringAsync(url + "/metrics", Cancellation)).Split('\n')).Any(line => isThere(line)));
        return lines;
    }

    private static async Task<HttpStatusCode> StatusAsync(string url)
    {
        using HttpResponseMessage answer = await Http.GetAsync(url, Cancellation);
        return answer.StatusCode;
    }

    private static void Execute(SqliteConnection connection, string statement)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    [GeneratedRegex("""^juoku_part_duration_seconds_bucket\{le="([^"]+)"\}""")]
    private static partial Regex BucketPattern();
}
