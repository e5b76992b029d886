using System.CommandLine;
using Juoku.App;
using Juoku.App.Commands;
using Juoku.App.Configuration;
using Juoku.Learning.Training;
using Juoku.Scaling.Kubernetes;
using k8s.Models;

namespace Juoku.Deploy.Tests.Chart;

/// <summary>The chart and the program agree: command lines, settings, rights.</summary>
public sealed class ProgramTests
{
    public static TheoryData<string> Cases => [.. JuokuChart.Cases.Keys];

    private static readonly RootCommand Juoku = new("")
    {
        FeaturesCommand.Create(), TrainCommand.Create(), RunCommand.Create(), WorkerCommand.Create(), ControllerCommand.Create(), KedaScalerCommand.Create(),
    };

    [Theory, MemberData(nameof(Cases))]
    public async Task Arguments_OfEveryContainer_AreUnderstood(string name)
    {
        Manifests manifests = await Manifests.OfCaseAsync(name);

        Assert.All(manifests.Pods.SelectMany(pod => pod.Containers), container =>
        {
            ParseResult command = Juoku.Parse([.. container.Args]);
            Assert.Empty(command.Errors);
            Assert.NotEqual(Juoku, command.CommandResult.Command);
        });
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Settings_InTheConfigMap_AreTheProgramsOwn(string name)
    {
        Manifests manifests = await Manifests.OfCaseAsync(name);
        V1ConfigMap map = manifests.Of<V1ConfigMap>().Single(map => map.Metadata.Name.EndsWith("-config", StringComparison.Ordinal));

        Settings settings = Load(map.Data["juoku.yaml"]);
        settings.Scaling.Limits();
        Assert.StartsWith("s3://juoku-", settings.Store, StringComparison.Ordinal);
        Assert.StartsWith("sqs://juoku-", settings.Queue, StringComparison.Ordinal);
        Assert.All(manifests.Of<ScaledObject>(), scaled => Assert.Equal((settings.Scaling.Min, settings.Scaling.Max), (scaled.Spec.MinReplicaCount, scaled.Spec.MaxReplicaCount)));
        Assert.All(manifests.Pods.SelectMany(pod => pod.Containers), container =>
        {
            Assert.Contains(container.Env, variable => variable is { Name: EffectiveSettings.FileVariable, Value: "/etc/juoku/juoku.yaml" });
            Assert.Contains(container.VolumeMounts, mount => mount is { Name: "config", MountPath: "/etc/juoku" });
        });
        Assert.All(manifests.Pods, pod => Assert.Equal(map.Metadata.Name, pod.Template.Spec.Volumes.Single(volume => volume.Name == "config").ConfigMap.Name));
    }

    [Fact]
    public async Task Settings_KeyThatTheProgramLacks_IsRefused()
    {
        V1ConfigMap map = (await Manifests.OfCaseAsync("dev")).Of<V1ConfigMap>().Single();

        var refused = Assert.Throws<SettingsException>(() => Load(map.Data["juoku.yaml"] + "\nstores: s3://x\n"));
        Assert.Contains("there is no setting 'stores'; close: store", refused.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Jobs_ThatFail_GiveUpOnlyWhereTryingAgainDoesNotMend(string name)
    {
        Manifests manifests = await Manifests.OfCaseAsync(name);
        (string Name, V1JobSpec Spec)[] jobs =
        [
            .. manifests.Of<V1CronJob>().Select(job => (job.Metadata.Name, job.Spec.JobTemplate.Spec)),
            .. manifests.Of<V1Job>().Select(job => (job.Metadata.Name, job.Spec)),
        ];

        Assert.Equal(manifests.Pods.Count(pod => !pod.IsService), jobs.Length);
        Assert.All(jobs, job =>
        {
            Assert.Equal("Never", job.Spec.Template.Spec.RestartPolicy); // else Kubernetes refuses the policy
            Assert.Collection(job.Spec.PodFailurePolicy.Rules,
                evicted =>
                {
                    V1PodFailurePolicyOnPodConditionsPattern condition = Assert.Single(evicted.OnPodConditions);
                    Assert.Equal(("Ignore", "DisruptionTarget", "True"), (evicted.Action, condition.Type, condition.Status));
                },
                final =>
                {
                    Assert.Equal(("FailJob", "In"), (final.Action, final.OnExitCodes.OperatorProperty));
                    // Logs that are not there yet may come; a model or days to train on do not, within minutes.
                    int[] codes = job.Name.EndsWith("-features", StringComparison.Ordinal) ? [ExitCode.Usage, ExitCode.BadInput] : [ExitCode.Usage, ExitCode.BadInput, ExitCode.NotFound];
                    Assert.Equal(codes, final.OnExitCodes.Values);
                });
        });
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("stg")]
    [InlineData("prod")]
    public async Task Labels_OfMissingDays_AreThoseThatTrainingReads(string name)
    {
        V1Container[] containers = [.. (await Manifests.OfCaseAsync(name)).Pods.SelectMany(pod => pod.Containers)];
        V1Container training = containers.Single(container => container.Name == "training"), labels = containers.Single(container => container.Name == "labels");

        Assert.Contains("--missing", labels.Args);
        foreach ((string option, string of) in (ReadOnlySpan<(string, string)>)[("--set", "--set"), ("--day", "--from"), ("--to", "--to")])
            Assert.Equal(Value(training, of), Value(labels, option));
    }

    [Fact]
    public async Task Training_ItsConfiguration_IsRead()
    {
        V1ConfigMap map = (await Manifests.OfCaseAsync("custom")).Of<V1ConfigMap>().Single(map => map.Data.ContainsKey("training.yaml"));

        TrainingConfig config = ReadFile(map.Data["training.yaml"], TrainingConfigFile.Read);

        Assert.Equal((500, "63"), (config.Rounds, config.Parameters["num_leaves"]));
    }

    [Theory]
    [InlineData("stg")]
    [InlineData("custom")]
    public async Task Rights_OfTheController_AreThoseItUses(string name)
    {
        V1Role role = (await Manifests.OfCaseAsync(name)).Of<V1Role>().Single(role => role.Metadata.Name.EndsWith("-controller", StringComparison.Ordinal));

        Assert.Equal(ClusterRight.OfController.OrderBy(right => $"{right} {right.Group}"), Granted(role).OrderBy(right => $"{right} {right.Group}"));
    }

    [Fact]
    public async Task Rights_OfWorkers_AreToPatchPods()
    {
        V1Role role = (await Manifests.OfCaseAsync("stg")).Of<V1Role>().Single(role => role.Metadata.Name.EndsWith("-worker", StringComparison.Ordinal));

        Assert.Equal([new ClusterRight("patch", "", "pods")], Granted(role));
    }

    private static IEnumerable<ClusterRight> Granted(V1Role role) =>
        from rule in role.Rules
        from apiGroup in rule.ApiGroups
        from resource in rule.Resources
        from verb in rule.Verbs
        select new ClusterRight(verb, apiGroup, resource);

    private static string Value(V1Container container, string option) =>
        container.Args.Single(arg => arg.StartsWith(option + "=", StringComparison.Ordinal))[(option.Length + 1)..];

    private static Settings Load(string yaml) =>
        ReadFile(yaml, path => EffectiveSettings.Load(new Dictionary<string, string> { [EffectiveSettings.FileVariable] = path }, []).Values);

    private static T ReadFile<T>(string text, Func<string, T> read)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            return read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
