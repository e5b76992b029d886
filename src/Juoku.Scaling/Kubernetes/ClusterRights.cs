using System.Collections.Immutable;
using k8s;
using k8s.Models;

namespace Juoku.Scaling.Kubernetes;

/// <summary>Something that an account may be allowed to do.</summary>
/// <param name="Verb">Such as <c>patch</c>.</param>
/// <param name="Group">API group; empty for the core.</param>
/// <param name="Resource">Such as <c>deployments/scale</c>.</param>
public sealed record ClusterRight(string Verb, string Group, string Resource)
{
    /// <summary>All that the controller does, and so all that its Role has to grant.</summary>
    public static ImmutableArray<ClusterRight> OfController { get; } =
    [
        new("get", "apps", "deployments/scale"),
        new("patch", "apps", "deployments/scale"),
        new("list", "", "pods"),
        new("get", "coordination.k8s.io", "leases"),
        new("create", "coordination.k8s.io", "leases"),
        new("update", "coordination.k8s.io", "leases"),
        new("create", "events.k8s.io", "events"),
        new("patch", "events.k8s.io", "events"),
    ];

    /// <summary>Those of some rights that the account lacks, as the server says when asked.</summary>
    /// <param name="cluster">The account and its namespace.</param>
    /// <param name="rights">What is needed.</param>
    /// <param name="deployment">The Deployment that is scaled: a Role may name it.</param>
    /// <param name="lease">The Lease, likewise.</param>
    /// <param name="cancellation">Stops.</param>
    public static async Task<ImmutableArray<ClusterRight>> MissingAsync(ClusterConnection cluster, IEnumerable<ClusterRight> rights, string deployment, string lease, CancellationToken cancellation)
    {
        var missing = ImmutableArray.CreateBuilder<ClusterRight>();
        foreach (ClusterRight right in rights)
        {
            string[] resource = right.Resource.Split('/');
            var review = new V1SelfSubjectAccessReview
            {
                Spec = new()
                {
                    ResourceAttributes = new()
                    {
                        NamespaceProperty = cluster.Namespace,
                        Verb = right.Verb,
                        Group = right.Group,
                        Resource = resource[0],
                        Subresource = resource.ElementAtOrDefault(1),
                        Name = right.Verb == "create" ? null : resource[0] switch { "deployments" => deployment, "leases" => lease, _ => null },
                    },
                },
            };
            review = await cluster.DoAsync("ask for its own rights", (client, stop) => client.AuthorizationV1.CreateSelfSubjectAccessReviewAsync(review, cancellationToken: stop), cancellation).ConfigureAwait(false);
            if (review.Status?.Allowed is not true) missing.Add(right);
        }

        return missing.ToImmutable();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Verb} {Resource}";
}
