using System.Globalization;
using k8s.Models;

namespace Juoku.Deploy.Tests.Chart;

/// <summary>What holds for the manifests of every case.</summary>
public sealed class ManifestTests
{
    public static TheoryData<string> Cases => [.. JuokuChart.Cases.Keys];

    [Theory, MemberData(nameof(Cases))]
    public async Task Pods_EachOne_IsConfined(string name)
    {
        Manifests manifests = await Manifests.OfCaseAsync(name);

        Assert.NotEmpty(manifests.Pods);
        Assert.All(manifests.Pods, pod =>
        {
            V1PodSecurityContext rights = pod.Template.Spec.SecurityContext;
            Assert.True(rights.RunAsNonRoot);
            Assert.Equal((65532, 65532, "RuntimeDefault"), (rights.RunAsUser, rights.RunAsGroup, rights.SeccompProfile.Type));
            Assert.All(pod.Containers, container =>
            {
                Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
                Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
                Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
                Assert.Contains("memory", container.Resources.Limits.Keys);
                Assert.Contains("cpu", container.Resources.Requests.Keys);
                Assert.Equal(container.VolumeMounts.Select(mount => mount.Name).Order(), pod.Template.Spec.Volumes.Select(volume => volume.Name).Order());
                Assert.Contains(container.VolumeMounts, mount => mount is { MountPath: "/tmp", ReadOnlyProperty: null });
            });
        });
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Pods_ThatGoOn_HaveProbesOfTheirMetricsPort(string name)
    {
        Manifests manifests = await Manifests.OfCaseAsync(name);

        Assert.All(manifests.Pods.Where(pod => pod.IsService).SelectMany(pod => pod.Containers), container =>
        {
            V1ContainerPort port = Assert.Single(container.Ports, port => port.Name == "metrics");
            Assert.Contains($"--metrics-port={port.ContainerPort}", container.Args);
            Assert.Equal(("/healthz", "metrics"), (container.LivenessProbe.HttpGet.Path, container.LivenessProbe.HttpGet.Port.Value));
            Assert.Equal(("/healthz", "metrics"), (container.StartupProbe.HttpGet.Path, container.StartupProbe.HttpGet.Port.Value));
            Assert.Equal(("/readyz", "metrics"), (container.ReadinessProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Port.Value));
        });
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Pods_Accounts_AreMadeOrGiven(string name)
    {
        Manifests manifests = await Manifests.OfCaseAsync(name);
        string[] accounts = [.. manifests.Of<V1ServiceAccount>().Select(account => account.Metadata.Name), .. name == "custom" ? ["scaling"] : (string[])[]];

        Assert.All(manifests.Pods, pod => Assert.Contains(pod.Template.Spec.ServiceAccountName, accounts));
        Assert.All(manifests.Of<V1RoleBinding>(), binding =>
        {
            Assert.Contains(Assert.Single(binding.Subjects).Name, accounts);
            Assert.Single(manifests.Of<V1Role>(), role => role.Metadata.Name == binding.RoleRef.Name);
        });

        // Only who talks to Kubernetes holds a token for it.
        string[] talkers = [.. manifests.Of<V1RoleBinding>().Select(binding => binding.Metadata.Name)];
        Assert.All(manifests.Pods, pod => Assert.Equal(talkers.Contains(pod.Owner), pod.Template.Spec.AutomountServiceAccountToken));
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Selectors_EachOne_FindsPods(string name)
    {
        Manifests manifests = await Manifests.OfCaseAsync(name);
        var selectors = new List<IDictionary<string, string>>();
        selectors.AddRange(manifests.Of<V1Service>().Select(service => service.Spec.Selector));
        selectors.AddRange(manifests.Of<V1PodDisruptionBudget>().Select(budget => budget.Spec.Selector.MatchLabels));
        selectors.AddRange(manifests.Of<V1NetworkPolicy>().Select(policy => policy.Spec.PodSelector.MatchLabels));
        selectors.AddRange(manifests.Pods.SelectMany(pod => pod.Template.Spec.TopologySpreadConstraints ?? []).Select(constraint => constraint.LabelSelector.MatchLabels));

        Assert.NotEmpty(selectors);
        Assert.All(selectors, selector => Assert.Single(manifests.Pods, pod => selector.All(pod.Template.Metadata.Labels.Contains)));
        Assert.All(manifests.Of<V1Deployment>(), deployment => Assert.All(deployment.Spec.Selector.MatchLabels, label => Assert.Contains(label, deployment.Spec.Template.Metadata.Labels)));
        Assert.All(manifests.Of<ServiceMonitor>(), monitor => Assert.Contains(manifests.Of<V1Service>(), service => monitor.Spec.Selector.MatchLabels.All(service.Metadata.Labels.Contains)));
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Workers_Replicas_HaveOneMaster(string name)
    {
        Manifests manifests = await Manifests.OfCaseAsync(name);
        V1Deployment workers = Workers(manifests);

        Assert.Equal(name == "none" ? 3 : null, workers.Spec.Replicas);
        bool isKeda = name.StartsWith("keda", StringComparison.Ordinal);
        Assert.Equal(isKeda ? [workers.Metadata.Name] : (string[])[], manifests.Of<ScaledObject>().Select(scaled => scaled.Spec.ScaleTargetRef.Name));
        Assert.Equal(isKeda || name == "none" ? [] : [$"--deployment={workers.Metadata.Name}"],
            manifests.Pods.SelectMany(pod => pod.Containers).SelectMany(container => container.Args).Where(arg => arg.StartsWith("--deployment=", StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Workers_TimeToEnd_FitsTheirGrace(string name)
    {
        V1PodSpec pod = Workers(await Manifests.OfCaseAsync(name)).Spec.Template.Spec;
        string grace = pod.Containers[0].Args.Single(arg => arg.StartsWith("--grace=", StringComparison.Ordinal));
        long seconds = long.Parse(grace["--grace=".Length..^1], CultureInfo.InvariantCulture);

        Assert.True(pod.TerminationGracePeriodSeconds >= seconds + 10);
        if (name != "custom") Assert.True(pod.TerminationGracePeriodSeconds < 120, "A spot node is gone 120 s after it says so.");
    }

    [Theory]
    [InlineData("keda", false)]
    [InlineData("keda-tls", true)]
    public async Task Keda_Trigger_ReachesTheScaler(string name, bool isSecret)
    {
        Manifests manifests = await Manifests.OfCaseAsync(name);
        ScaleTrigger trigger = Assert.Single(Assert.Single(manifests.Of<ScaledObject>()).Spec.Triggers);

        string[] address = trigger.Metadata["scalerAddress"].Split(':');
        V1Service service = Assert.Single(manifests.Of<V1Service>(), service => $"{service.Metadata.Name}.ads" == address[0]);
        V1ServicePort port = Assert.Single(service.Spec.Ports);
        Assert.Equal("9090", $"{port.Port}");
        Assert.Equal(address[1], $"{port.Port}");
        V1Container scaler = Assert.Single(manifests.Pods.Single(pod => pod.Owner == service.Metadata.Name).Containers);
        Assert.Equal(9090, Assert.Single(scaler.Ports, container => container.Name == port.TargetPort.Value).ContainerPort);
        Assert.Equal(("external-push", "AverageValue"), (trigger.Type, trigger.MetricType));

        Assert.Equal(isSecret, trigger.Metadata.ContainsKey("enableTLS"));
        Assert.Equal(trigger.AuthenticationRef is { } reference ? [reference.Name] : [], manifests.Of<TriggerAuthentication>().Select(authentication => authentication.Metadata.Name));
        Assert.Equal(isSecret, scaler.Args.Any(arg => arg.StartsWith("--tls-", StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Priorities_ThatPodsName_AreMadeOrGiven(string name)
    {
        Manifests manifests = await Manifests.OfCaseAsync(name);
        string[] named = [.. manifests.Pods.Select(pod => pod.Template.Spec.PriorityClassName).OfType<string>().Distinct()];

        Assert.Equal(named.Except(["low"]).Order(), manifests.Of<V1PriorityClass>().Select(made => made.Metadata.Name).Order());
    }

    [Theory]
    [InlineData("stg")]
    [InlineData("prod")]
    public async Task Lifecycles_OfAnEnvironment_HaveNodesOfTheirOwn(string name)
    {
        Manifests manifests = await Manifests.OfCaseAsync(name);

        Assert.Equal(
            ["juoku-controller: system", "juoku-features: inference", "juoku-standing-run: system", "juoku-training: training", "juoku-worker: inference"],
            manifests.Pods.Select(pod => $"{pod.Owner}: {pod.Template.Spec.NodeSelector["juoku.dev/lifecycle"]}").Order());
        Assert.All(manifests.Pods.Where(pod => pod.Template.Spec.NodeSelector["juoku.dev/lifecycle"] != "system"), pod =>
            Assert.Contains(pod.Template.Spec.Tolerations, toleration => toleration.Key == "juoku.dev/lifecycle" && toleration.Value == pod.Template.Spec.NodeSelector["juoku.dev/lifecycle"]));
    }

    [Fact]
    public async Task Config_Changed_RollsThePodsThatReadIt()
    {
        Manifests before = await Manifests.OfCaseAsync("dev");
        ToolResult changed = await JuokuChart.TemplateAsync(4, [.. JuokuChart.Values("dev"), "--set", "config.scaling.max=5"]);
        Manifests after = Manifests.Parse(changed.Output);

        static IEnumerable<string> Sums(Manifests manifests) => manifests.Pods.Select(pod => pod.Template.Metadata.Annotations["checksum/config"]);
        string sum = Assert.Single(Sums(before).Distinct());
        Assert.NotEqual(sum, Assert.Single(Sums(after).Distinct()));
    }

    [Theory]
    [InlineData("replicas: 3", "replica: 3")]
    [InlineData("containerPort: 9464", "containerport: 9464")]
    [InlineData("weight", "wait")]
    public async Task Parse_FieldThatIsNone_IsRefused(string field, string misspelt)
    {
        string manifests = await JuokuChart.RenderAsync("custom");
        Assert.Contains(field, manifests, StringComparison.Ordinal);

        Assert.ThrowsAny<Exception>(() => Manifests.Parse(manifests.Replace(field, misspelt, StringComparison.Ordinal)));
    }

    private static V1Deployment Workers(Manifests manifests) => manifests.Of<V1Deployment>().Single(deployment => deployment.Metadata.Name.EndsWith("-worker", StringComparison.Ordinal));
}
