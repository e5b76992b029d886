using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Juoku.App.Hosting;
using Juoku.Batch;
using Juoku.Batch.Predicting;
using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;
using Juoku.Scaling;
using Juoku.Scaling.Keda;
using Juoku.Scaling.Keda.Protocol;
using Juoku.Scaling.Observing;
using Juoku.Scaling.Policy;

namespace Juoku.EndToEnd.Tests.Scaling;

/// <summary>The scaler as KEDA sees it: a gRPC client on loopback, real queues, stores, runs and workers.</summary>
public sealed class KedaScalerTests
{
    private const string Metric = "juoku_wanted_replicas";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Command_ARunFromFirstMessageToPublished_IsFollowedByItsNumbers()
    {
        await using var bed = new KedaBed();
        await using var scaler = new RunningJuoku("keda-scaler", "--store", bed.Store, "--queue", bed.Queue(), "--port", "0", "--metrics-port", "0");
        ExternalScaler.ExternalScalerClient keda = KedaBed.Client(await scaler.SaysAsync("""scaler on (http://[^"\s]+)"""));
        ScaledObjectRef trigger = KedaBed.Trigger("workers", ("podsPerNode", "4"), ("max", "30"));

        MetricSpec spec = Assert.Single((await keda.GetMetricSpecAsync(trigger, cancellationToken: Cancellation)).MetricSpecs);
        Assert.Equal((Metric, 1, 1.0), (spec.MetricName, spec.TargetSize, spec.TargetSizeFloat));
        Assert.False(await IsActiveAsync(keda, trigger));
        Assert.Equal(0, await ValueAsync(keda, trigger));

        await bed.SubmitAsync(parts: 20);
        Assert.True(await IsActiveAsync(keda, trigger));
        Assert.Equal(await PolicyAsync(bed, new() { PodsPerNode = 4, Max = 30 }), await ValueAsync(keda, trigger));
        Assert.Equal(4, await ValueAsync(keda, trigger));
        string[] metrics = await ScrapeAsync(await scaler.SaysAsync("""metrics on (http://[^"\s]+)"""));
        Assert.Contains("juoku_replicas_wanted{target=\"test/workers\"} 4", metrics);
        Assert.Contains("juoku_backlog_parts{target=\"test/workers\"} 20", metrics);
        Assert.Contains(metrics, line => line.StartsWith("juoku_run_deadline_seconds{", StringComparison.Ordinal) && line.Contains("set=\"click\"", StringComparison.Ordinal));

        bed.Work();
        Assert.False(await IsActiveAsync(keda, trigger));
        Assert.Equal(0, await ValueAsync(keda, trigger));

        using AsyncServerStreamingCall<IsActiveResponse> stream = keda.StreamIsActive(trigger, cancellationToken: Cancellation);
        Assert.True(await stream.ResponseStream.MoveNext(Cancellation));
        scaler.Terminate();
        Assert.False(await stream.ResponseStream.MoveNext(Cancellation)); // ended, not broken off
        Assert.Equal(0, await scaler.EndAsync());
    }

    [Fact]
    public async Task StreamIsActive_WorkComesAndGoes_PushesEachChangeOnce()
    {
        await using var bed = new KedaBed();
        ExternalScaler.ExternalScalerClient keda = KedaBed.Client(await bed.ServeAsync());
        using AsyncServerStreamingCall<IsActiveResponse> stream = keda.StreamIsActive(KedaBed.Trigger("workers", ("interval", "20ms")), cancellationToken: Cancellation);

        Assert.False(await NextAsync());
        await bed.SubmitAsync(parts: 2);
        Assert.True(await NextAsync());
        bed.Work();
        Assert.False(await NextAsync());

        async Task<bool> NextAsync() => await stream.ResponseStream.MoveNext(Cancellation) ? stream.ResponseStream.Current.Result : throw new InvalidOperationException("The stream ended.");
    }

    [Fact]
    public async Task StreamMetricSpec_Opened_TellsAtOnce()
    {
        await using var bed = new KedaBed();
        ExternalScaler.ExternalScalerClient keda = KedaBed.Client(await bed.ServeAsync());
        using AsyncServerStreamingCall<GetMetricSpecResponse> stream = keda.StreamMetricSpec(KedaBed.Trigger(), cancellationToken: Cancellation);

        Assert.True(await stream.ResponseStream.MoveNext(Cancellation));
        Assert.Equal(1, Assert.Single(stream.ResponseStream.Current.MetricSpecs).TargetSizeFloat);
    }

    [Fact]
    public async Task GetMetrics_SeveralScaledObjects_EachHasItsOwnNumber()
    {
        await using var bed = new KedaBed();
        ExternalScaler.ExternalScalerClient keda = KedaBed.Client(await bed.ServeAsync());
        RunRecords run = await bed.SubmitAsync(parts: 12, queue: "one");
        ScaledObjectRef one = KedaBed.Trigger("one", ("queue", bed.Queue("one")), ("podsPerNode", "8"));
        ScaledObjectRef limited = KedaBed.Trigger("limited", ("queueFromEnv", bed.Queue("one")), ("podsPerNode", "8"), ("max", "3"));
        ScaledObjectRef other = KedaBed.Trigger("other", ("queue", bed.Queue("two")), ("min", "2"));
        ScaledObjectRef ofRun = KedaBed.Trigger("of-run", ("queue", bed.Queue("one")), ("run", run.Plan.Run), ("podsPerNode", "5"));

        double[] values = await Task.WhenAll(new[] { one, limited, other, ofRun }.Select(trigger => ValueAsync(keda, trigger)));
        Assert.Equal([8.0, 3, 2, 5], values);
        Assert.True(await IsActiveAsync(keda, other));
    }

    [Fact]
    public async Task GetMetrics_QueueCannotBeRead_IsUnavailableNotZero()
    {
        await using var bed = new KedaBed();
        ExternalScaler.ExternalScalerClient keda = KedaBed.Client(await bed.ServeAsync());
        ScaledObjectRef trigger = KedaBed.Trigger("workers", ("queue", $"sqlite:{bed.Folder["nowhere/queue.db"]}"));

        RpcException value = await Assert.ThrowsAsync<RpcException>(() => ValueAsync(keda, trigger));
        RpcException active = await Assert.ThrowsAsync<RpcException>(() => IsActiveAsync(keda, trigger));

        Assert.Equal((StatusCode.Unavailable, StatusCode.Unavailable), (value.StatusCode, active.StatusCode));
        Assert.Contains("there is no folder", value.Status.Detail);
    }

    [Theory]
    [InlineData("maxx", "20", "there is no setting 'scaling.maxx'; close: scaling.max")]
    [InlineData("max", "many", "max: 'scaling.max' is 'many', but must be a number")]
    [InlineData("max", "0", "Limits of 0 to 0 workers")]
    [InlineData("linger", "soon", "must be a duration")]
    [InlineData("run", "../x", "'../x' cannot be the name of a run")]
    [InlineData("queue", "rabbit://q", "no such kind of queue")]
    [InlineData("store", "ftp://s", "no such kind of store")]
    public async Task Calls_WrongMetadata_AreInvalidArgumentInOneLine(string key, string value, string message)
    {
        await using var bed = new KedaBed();
        ExternalScaler.ExternalScalerClient keda = KedaBed.Client(await bed.ServeAsync());
        ScaledObjectRef trigger = KedaBed.Trigger("workers", (key, value));

        RpcException[] answers =
        [
            await Assert.ThrowsAsync<RpcException>(() => IsActiveAsync(keda, trigger)),
            await Assert.ThrowsAsync<RpcException>(() => ValueAsync(keda, trigger)),
            await Assert.ThrowsAsync<RpcException>(async () => await keda.GetMetricSpecAsync(trigger, cancellationToken: Cancellation)),
            await Assert.ThrowsAsync<RpcException>(() => keda.StreamIsActive(trigger, cancellationToken: Cancellation).ResponseStream.MoveNext(Cancellation)),
        ];

        Assert.All(answers, answer => Assert.Equal(StatusCode.InvalidArgument, answer.StatusCode));
        Assert.StartsWith("ScaledObject test/workers: ", answers[0].Status.Detail);
        Assert.Contains(message, answers[0].Status.Detail);
        Assert.DoesNotContain('\n', answers[0].Status.Detail);
    }

    [Fact]
    public async Task GetMetrics_AnotherMetric_IsInvalidArgument()
    {
        await using var bed = new KedaBed();
        ExternalScaler.ExternalScalerClient keda = KedaBed.Client(await bed.ServeAsync());

        var e = await Assert.ThrowsAsync<RpcException>(async () =>
            await keda.GetMetricsAsync(new() { ScaledObjectRef = KedaBed.Trigger(), MetricName = "cpu" }, cancellationToken: Cancellation));

        Assert.Equal(StatusCode.InvalidArgument, e.StatusCode);
    }

    [Fact]
    public async Task Health_Served_IsServing()
    {
        await using var bed = new KedaBed();
        var health = new Health.HealthClient(GrpcChannel.ForAddress(await bed.ServeAsync()));

        foreach (string service in (string[])["", "externalscaler.ExternalScaler"])
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await health.CheckAsync(new() { Service = service }, cancellationToken: Cancellation)).Status);
    }

    [Theory, InlineData("::1"), InlineData("::")]
    public async Task Served_OnIPv6_Answers(string address)
    {
        await using var bed = new KedaBed();
        string url = await bed.ServeAsync(address: IPAddress.Parse(address));

        Assert.False(await IsActiveAsync(KedaBed.Client($"http://[::1]:{new Uri(url).Port}"), KedaBed.Trigger()));
    }

    [Fact]
    public async Task Served_WithTls_TakesOnlyClientsOfItsAuthority()
    {
        await using var bed = new KedaBed();
        using X509Certificate2 authority = Authority(), server = Signed(authority, "localhost"), client = Signed(authority, "keda");
        using X509Certificate2 strangers = Authority(), stranger = Signed(strangers, "keda");
        var tls = new TlsFiles(bed.Folder.Write("tls.crt", server.ExportCertificatePem()), bed.Folder.Write("tls.key", server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
            bed.Folder.Write("ca.crt", authority.ExportCertificatePem()));
        string url = $"https://localhost:{new Uri(await bed.ServeAsync(tls)).Port}";

        Assert.False(await IsActiveAsync(With(client), KedaBed.Trigger()));
        await Assert.ThrowsAsync<RpcException>(() => IsActiveAsync(With(stranger), KedaBed.Trigger()));
        await Assert.ThrowsAsync<RpcException>(() => IsActiveAsync(With(null), KedaBed.Trigger()));

        // Renewed on disk: the next connection gets the new one.
        using X509Certificate2 renewed = Signed(authority, "localhost");
        File.WriteAllText(bed.Folder["tls.key"], renewed.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(bed.Folder["tls.crt"], renewed.ExportCertificatePem());
        File.SetLastWriteTimeUtc(bed.Folder["tls.crt"], DateTime.UtcNow.AddSeconds(5));
        X509Certificate2? seen = null;
        Assert.False(await IsActiveAsync(With(client, certificate => seen = certificate), KedaBed.Trigger()));
        Assert.Equal(renewed.SerialNumber, seen?.SerialNumber);

        ExternalScaler.ExternalScalerClient With(X509Certificate2? own, Action<X509Certificate2>? look = null)
        {
            var handler = new SocketsHttpHandler();
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                look?.Invoke((X509Certificate2)certificate!);
                chain!.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                chain.ChainPolicy.CustomTrustStore.Add(authority);
                return chain.Build((X509Certificate2)certificate!);
            };
            if (own is not null) handler.SslOptions.ClientCertificates = [own];
            return KedaBed.Client(url, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        }
    }

    [Fact]
    public void TlsFiles_NotPem_SaysWhichFiles()
    {
        using var folder = new TemporaryFolder();

        UsageException e = Assert.Throws<UsageException>(() => new TlsFiles(folder.Write("tls.crt", "no"), folder.Write("tls.key", "no"), null));

        Assert.Contains("tls.crt", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("Give --tls-certificate and --tls-key together.", "--tls-certificate", "x")]
    [InlineData("--tls-client-ca needs --tls-certificate", "--tls-client-ca", "x")]
    [InlineData("--port 70000: ports go from 0 to 65535", "--port", "70000")]
    [InlineData("--address here: write an address", "--address", "here")]
    [InlineData("no file", "--tls-certificate", "none.crt", "--tls-key", "none.key")]
    public void Command_WrongOptions_EndsWithOneLineAndCode2(string message, params string[] options)
    {
        JuokuResult result = JuokuProcess.Run(["keda-scaler", .. options]);

        Assert.Equal(2, result.ExitCode);
        if (message != "no file") Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    private static async Task<bool> IsActiveAsync(ExternalScaler.ExternalScalerClient keda, ScaledObjectRef trigger)
    {
        await Task.Delay(5, Cancellation); // longer than the triggers' interval
        return (await keda.IsActiveAsync(trigger, cancellationToken: Cancellation)).Result;
    }

    private static async Task<double> ValueAsync(ExternalScaler.ExternalScalerClient keda, ScaledObjectRef trigger)
    {
        GetMetricsResponse answer = await keda.GetMetricsAsync(new() { ScaledObjectRef = trigger, MetricName = Metric }, cancellationToken: Cancellation);
        MetricValue value = Assert.Single(answer.MetricValues);
        Assert.Equal((Metric, value.MetricValueFloat), (value.MetricName, value.MetricValue_));
        return value.MetricValueFloat;
    }

    /// <summary>The number that follows from the same queue and store, read by the test itself.</summary>
    private static async Task<int> PolicyAsync(KedaBed bed, ScalingSettings settings)
    {
        await using IQueue queue = SqliteQueue.Open(bed.Queue());
        await using var pool = new StorePool(Adapters.Local);
        FleetSnapshot fleet = await new FleetReader(FileStore.Open(bed.Store), pool, queue, TimeProvider.System).ReadAsync(Cancellation);
        return FleetPolicy.Decide(fleet, KedaTarget.Infer(fleet, 0), settings, ScalingState.Initial).Decision.Replicas;
    }

    private static async Task<string[]> ScrapeAsync(string url)
    {
        using var http = new HttpClient();
        return (await http.GetStringAsync($"{url}/metrics", Cancellation)).Split('\n');
    }

    private static X509Certificate2 Authority()
    {
        var request = new CertificateRequest("CN=juoku test authority", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Signed(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8)).CopyWithPrivateKey(key);
    }
}
