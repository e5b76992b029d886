using Grpc.Core;
using Juoku.Scaling.Keda.Protocol;
using Microsoft.Extensions.Hosting;

namespace Juoku.Scaling.Keda;

/// <summary>
/// KEDA's external scaler. The metric is the number of workers that the policy wants, and one worker is worth one of it, so that the HPA asks for
/// just that number; active is a target that wants any.
/// </summary>
internal sealed class KedaScaler(KedaTargets targets, IHostApplicationLifetime host) : ExternalScaler.ExternalScalerBase
{
    /// <summary>The one metric.</summary>
    public const string MetricName = "juoku_wanted_replicas";

    public override async Task<IsActiveResponse> IsActive(ScaledObjectRef request, ServerCallContext context) =>
        new() { Result = await WantedAsync(request, context.CancellationToken).ConfigureAwait(false) > 0 };

    public override async Task StreamIsActive(ScaledObjectRef request, IServerStreamWriter<IsActiveResponse> responseStream, ServerCallContext context)
    {
        KedaTarget target = await FindAsync(request, context.CancellationToken).ConfigureAwait(false);
        using CancellationTokenSource end = UntilStop(context);
        bool? told = null;
        await UntilEndAsync(end, async () =>
        {
            bool isActive = await WantedAsync(target, end.Token).ConfigureAwait(false) > 0;
            if (isActive != told) await responseStream.WriteAsync(new() { Result = isActive }, end.Token).ConfigureAwait(false);
            told = isActive;
            await Task.Delay(target.Trigger.Settings.Interval, targets.Time, end.Token).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    public override async Task<GetMetricSpecResponse> GetMetricSpec(ScaledObjectRef request, ServerCallContext context)
    {
        await FindAsync(request, context.CancellationToken).ConfigureAwait(false);
        return new() { MetricSpecs = { new MetricSpec { MetricName = MetricName, TargetSize = 1, TargetSizeFloat = 1 } } };
    }

    public override async Task StreamMetricSpec(ScaledObjectRef request, IServerStreamWriter<GetMetricSpecResponse> responseStream, ServerCallContext context)
    {
        // It never changes; the stream stays open so that KEDA does not ask again and again.
        await responseStream.WriteAsync(await GetMetricSpec(request, context).ConfigureAwait(false)).ConfigureAwait(false);
        using CancellationTokenSource end = UntilStop(context);
        await UntilEndAsync(end, () => Task.Delay(Timeout.Infinite, end.Token)).ConfigureAwait(false);
    }

    public override async Task<GetMetricsResponse> GetMetrics(GetMetricsRequest request, ServerCallContext context)
    {
        if (request.ScaledObjectRef is not { } reference) throw Invalid("the request names no ScaledObject");
        if (request.MetricName is not (MetricName or "")) throw Invalid($"there is no metric '{request.MetricName}'; there is {MetricName}");
        int wanted = await WantedAsync(reference, context.CancellationToken).ConfigureAwait(false);
        return new() { MetricValues = { new MetricValue { MetricName = MetricName, MetricValue_ = wanted, MetricValueFloat = wanted } } };
    }

    private CancellationTokenSource UntilStop(ServerCallContext context) =>
        CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, host.ApplicationStopping);

    /// <summary>Takes a step again and again until KEDA hangs up or the scaler stops; neither is a failure.</summary>
    private static async Task UntilEndAsync(CancellationTokenSource end, Func<Task> step)
    {
        try
        {
            while (!end.IsCancellationRequested) await step().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The stream ends here; KEDA opens a new one when it still wants one.
        }
    }

    private async Task<int> WantedAsync(ScaledObjectRef request, CancellationToken cancellation) =>
        await WantedAsync(await FindAsync(request, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    private static async Task<int> WantedAsync(KedaTarget target, CancellationToken cancellation)
    {
        try
        {
            return await target.WantedAsync(cancellation).ConfigureAwait(false);
        }
        catch (KedaUnknownException e)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, e.Message));
        }
    }

    private async Task<KedaTarget> FindAsync(ScaledObjectRef request, CancellationToken cancellation)
    {
        try
        {
            return await targets.FindAsync($"{request.Namespace}/{request.Name}", request.ScalerMetadata.ToDictionary(), cancellation).ConfigureAwait(false);
        }
        catch (KedaMetadataException e)
        {
            throw Invalid(e.Message);
        }
    }

    private static RpcException Invalid(string problem) => new(new Status(StatusCode.InvalidArgument, problem));
}
