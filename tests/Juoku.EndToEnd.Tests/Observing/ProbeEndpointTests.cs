using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Juoku.App.Observing;
using Juoku.Batch.Predicting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Juoku.EndToEnd.Tests.Observing;

public sealed class ProbeEndpointTests
{
    private static readonly HttpClient Http = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", new[] { "127.0.0.1" })]
    [InlineData("::1", new[] { "[::1]" })]
    [InlineData("::", new[] { "127.0.0.1", "[::1]" })]
    [InlineData("0.0.0.0", new[] { "127.0.0.1" })]
    public async Task Start_Address_IsServed(string address, string[] hosts)
    {
        await using ProbeEndpoint endpoint = await StartAsync(IPAddress.Parse(address));

        foreach (string host in hosts) Assert.Equal("ok\n", await Http.GetStringAsync($"http://{host}:{PortOf(endpoint)}/healthz", Cancellation));
    }

    [Fact]
    public async Task Readyz_NotReady_Is503WhileHealthzIs200()
    {
        bool isReady = true;
        await using ProbeEndpoint endpoint = await StartAsync(IPAddress.Loopback, () => isReady);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(endpoint, "/readyz"));
        isReady = false;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(endpoint, "/readyz"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(endpoint, "/healthz"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(endpoint, "/"));
        using HttpResponseMessage posted = await Http.PostAsync($"{endpoint.Url}/metrics", null, Cancellation);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
    }

    [Fact]
    public async Task Metrics_NamedMeters_AreShownByPrometheusNames()
    {
        using var shown = new Meter("Juoku.Tests.Shown");
        using var other = new Meter("Juoku.Tests.Other");
        await using ProbeEndpoint endpoint = await StartAsync(IPAddress.Loopback, meters: shown.Name);

        shown.CreateCounter<long>("juoku_things").Add(3, new KeyValuePair<string, object?>("kind", "a\"b"));
        shown.CreateHistogram("juoku_wait", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 2] }).Record(1.5);
        other.CreateCounter<long>("juoku_hidden").Add(1);

        string[] lines = (await Http.GetStringAsync($"{endpoint.Url}/metrics", Cancellation)).Split('\n');
        Assert.Contains("juoku_things_total{kind=\"a\\\"b\"} 3", lines);
        Assert.Contains("juoku_wait_seconds_bucket{le=\"0.5\"} 0", lines);
        Assert.Contains("juoku_wait_seconds_bucket{le=\"2\"} 1", lines);
        Assert.Contains("# TYPE juoku_wait_seconds histogram", lines);
        Assert.DoesNotContain(lines, line => line.Contains("juoku_hidden", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("127.0.0.1", "::")]
    public async Task Start_PortTaken_SaysSoInOneLine(string taken, string address)
    {
        using var listener = new TcpListener(IPAddress.Parse(taken), 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        UsageException e = await Assert.ThrowsAsync<UsageException>(() => StartAsync(IPAddress.Parse(address), port: port));

        Assert.Contains($"--metrics-port {port}: cannot be served on {address} (", e.Message);
        Assert.Contains("choose another, or 0 for any", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task Start_AddressOfAnotherMachine_SaysSo()
    {
        UsageException e = await Assert.ThrowsAsync<UsageException>(() => StartAsync(IPAddress.Parse("192.0.2.1")));

        Assert.Contains("cannot be served on 192.0.2.1", e.Message);
    }

    private static Task<ProbeEndpoint> StartAsync(IPAddress address, Func<bool>? isReady = null, int port = 0, string meters = "Juoku.Tests.None") =>
        ProbeEndpoint.StartAsync(address, port, [meters], isReady ?? (() => true), NullLogger.Instance, Cancellation);

    private static int PortOf(ProbeEndpoint endpoint) => new Uri(endpoint.Url).Port;

    private static async Task<HttpStatusCode> StatusAsync(ProbeEndpoint endpoint, string path)
    {
        using HttpResponseMessage answer = await Http.GetAsync(endpoint.Url + path, Cancellation);
        return answer.StatusCode;
    }
}
