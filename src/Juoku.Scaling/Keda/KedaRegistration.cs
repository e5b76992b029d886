using Grpc.Health.V1;
using Grpc.HealthCheck;
using Juoku.Scaling.Keda.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Juoku.Scaling.Keda;

/// <summary>Puts the scaler into a web host.</summary>
public static class KedaRegistration
{
    /// <summary>Adds the scaler and gRPC's health service.</summary>
    public static IServiceCollection AddKedaScaler(this IServiceCollection services, KedaTargets targets)
    {
        services.AddGrpc();
        return services.AddRouting().AddSingleton(targets).AddSingleton<HealthServiceImpl>().AddSingleton<KedaScaler>();
    }

    /// <summary>Serves them; the health service says so until the host begins to stop.</summary>
    public static void MapKedaScaler(this IEndpointRouteBuilder routes)
    {
        var health = routes.ServiceProvider.GetRequiredService<HealthServiceImpl>();
        Tell(HealthCheckResponse.Types.ServingStatus.Serving);
        routes.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => Tell(HealthCheckResponse.Types.ServingStatus.NotServing));
        routes.MapGrpcService<HealthServiceImpl>();
        routes.MapGrpcService<KedaScaler>();

        void Tell(HealthCheckResponse.Types.ServingStatus status)
        {
            health.SetStatus("", status);
            health.SetStatus(ExternalScaler.Descriptor.FullName, status);
        }
    }
}
