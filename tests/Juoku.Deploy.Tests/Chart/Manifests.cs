using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Juoku.Deploy.Tests.Chart;

/// <summary>Manifests as Kubernetes' typed models understand them, strictly: a field that a type does not have is an error.</summary>
internal sealed class Manifests
{
    private static readonly Dictionary<string, Type> Types = typeof(V1Pod).Assembly.GetTypes()
        .SelectMany(type => type.GetCustomAttributes(typeof(KubernetesEntityAttribute), inherit: false).Cast<KubernetesEntityAttribute>(), (type, entity) => (type, entity))
        .Where(pair => !pair.type.Name.EndsWith("List", StringComparison.Ordinal))
        .ToDictionary(pair => (pair.entity.Group.Length == 0 ? "" : pair.entity.Group + "/") + $"{pair.entity.ApiVersion} {pair.entity.Kind}", pair => pair.type)
        .Union(new Dictionary<string, Type>
        {
            ["keda.sh/v1alpha1 ScaledObject"] = typeof(ScaledObject),
            ["keda.sh/v1alpha1 TriggerAuthentication"] = typeof(TriggerAuthentication),
            ["monitoring.coreos.com/v1 ServiceMonitor"] = typeof(ServiceMonitor),
            ["monitoring.coreos.com/v1 PrometheusRule"] = typeof(PrometheusRule),
        })
        .ToDictionary();

    static Manifests() => KubernetesJson.AddJsonOptions(options => options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow);

    private Manifests(List<object> all) => All = all;

    public IReadOnlyList<object> All { get; }

    /// <summary>Every pod that the manifests describe, with the object that makes it.</summary>
    public IEnumerable<PodPlan> Pods =>
    [
        .. Of<V1Deployment>().Select(deployment => new PodPlan(deployment.Metadata.Name, deployment.Spec.Template, true)),
        .. Of<V1CronJob>().Select(job => new PodPlan(job.Metadata.Name, job.Spec.JobTemplate.Spec.Template, false)),
        .. Of<V1Job>().Select(job => new PodPlan(job.Metadata.Name, job.Spec.Template, false)),
    ];

    /// <summary>The objects of a type.</summary>
    public IEnumerable<T> Of<T>() => All.OfType<T>();

    public static async Task<Manifests> OfCaseAsync(string name) => Parse(await JuokuChart.RenderAsync(name));

    public static Manifests Parse(string yaml) => new([.. YamlNodes.Read(yaml).Select(Typed)]);

    private static object Typed(JsonObject manifest)
    {
        string kind = $"{manifest["apiVersion"]} {manifest["kind"]}";
        Assert.Contains(kind, Types.Keys);
        try
        {
            return typeof(KubernetesJson).GetMethod(nameof(KubernetesJson.Deserialize), [typeof(string), typeof(JsonSerializerOptions)])!.MakeGenericMethod(Types[kind]).Invoke(null, [manifest.ToJsonString(), null])!;
        }
        catch (TargetInvocationException e)
        {
            Assert.Fail($"{kind} {manifest["metadata"]?["name"]}: {e.InnerException!.Message}");
            throw;
        }
    }
}

/// <summary>A pod to be.</summary>
/// <param name="Owner">Name of the object that makes it.</param>
/// <param name="Template">The pod.</param>
/// <param name="IsService">It runs until it is told to stop.</param>
internal sealed record PodPlan(string Owner, V1PodTemplateSpec Template, bool IsService)
{
    public IEnumerable<V1Container> Containers => [.. Template.Spec.InitContainers ?? [], .. Template.Spec.Containers];

    public override string ToString() => Owner;
}
