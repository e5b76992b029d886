using Juoku.Tests.Servers;
using k8s;
using k8s.Models;

namespace Juoku.Scaling.Tests.Kubernetes;

/// <summary>An account of the chart and what the chart lets it do: the very manifests that helm makes, to which the chart's own tests hold that file.</summary>
internal sealed class ChartAccount
{
    public static readonly ChartAccount Controller = new("juoku-controller");
    public static readonly ChartAccount Worker = new("juoku-worker");

    private readonly string[] _manifests;

    private ChartAccount(string name)
    {
        Name = name;
        _manifests = [.. File.ReadAllText(ServerFolder.PathOf("../Juoku.Deploy.Tests/golden/dev.yaml")).Split("\n---\n").Where(manifest => manifest.Contains($"\n  name: {name}\n", StringComparison.Ordinal))];
    }

    /// <summary>What the chart calls the account, its Role and the Role's binding.</summary>
    public string Name { get; }

    public Task CreateAsync(TestCluster cluster) =>
        cluster.Admin.CoreV1.CreateNamespacedServiceAccountAsync(Read<V1ServiceAccount>("ServiceAccount"), cluster.Namespace);

    public async Task GrantAsync(TestCluster cluster)
    {
        V1RoleBinding binding = Read<V1RoleBinding>("RoleBinding");
        foreach (Rbacv1Subject subject in binding.Subjects) subject.NamespaceProperty = cluster.Namespace; // where the chart would be installed
        await cluster.Admin.RbacAuthorizationV1.CreateNamespacedRoleAsync(Read<V1Role>("Role"), cluster.Namespace);
        await cluster.Admin.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(binding, cluster.Namespace);
    }

    /// <summary>A client that may do what the account may.</summary>
    public IKubernetes Client(TestCluster cluster) => cluster.Client(Name, new Impersonation($"system:serviceaccount:{cluster.Namespace}:{Name}"));

    private T Read<T>(string kind) => KubernetesYaml.Deserialize<T>(_manifests.Single(manifest => manifest.Contains($"\nkind: {kind}\n", StringComparison.Ordinal)), strict: true);

    private sealed class Impersonation(string user) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("Impersonate-User", user);
            request.Headers.Add("Impersonate-Group", ["system:serviceaccounts", "system:authenticated"]);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
