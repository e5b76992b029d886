using Juoku.Scaling.Kubernetes;
using k8s.Models;

namespace Juoku.Scaling.Tests.Kubernetes;

public sealed class WorkerDeploymentTests
{
    [Fact]
    public void Fleet_PodsOfEveryKind_AreCounted()
    {
        V1Pod leaving = Pod("Running", ready: true, cost: "1000");
        leaving.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        WorkerFleet fleet = WorkerDeployment.Fleet(Scale(6),
        [
            Pod("Running", ready: true, cost: "1000"), Pod("Running", ready: true, cost: "0"), Pod("Running", ready: true), Pod("Running"), Pod("Pending"), Pod("Failed"), leaving,
        ]);

        // Six asked for, five there: one is not even made.
        Assert.Equal((6, 3, 3, 1), (fleet.Replicas, fleet.Ready, fleet.Pending, fleet.Busy));
        Assert.Equal("17", fleet.Version);
    }

    [Fact]
    public void Fleet_NoPodIsMarked_BusyIsUnknown()
    {
        Assert.Null(WorkerDeployment.Fleet(Scale(1), [Pod("Running", ready: true)]).Busy);
        Assert.Null(WorkerDeployment.Fleet(Scale(1), []).Busy);
    }

    [Theory]
    [InlineData("CrashLoopBackOff", 1)]
    [InlineData("ImagePullBackOff", 1)]
    [InlineData("ContainerCreating", 0)]
    public void Fleet_WaitingContainers_CrashOrNot(string reason, int crashing)
    {
        V1Pod pod = Pod("Pending");
        pod.Status.ContainerStatuses = [new() { Name = "worker", State = new() { Waiting = new() { Reason = reason } } }];

        Assert.Equal(crashing, WorkerDeployment.Fleet(Scale(1), [pod]).Crashing);
    }

    [Fact]
    public void Fleet_DeploymentWithoutReplicas_IsZero() => Assert.Equal(0, WorkerDeployment.Fleet(new V1Scale { Metadata = new() { ResourceVersion = "1", Uid = "u" }, Spec = new() }, []).Replicas);

    private static V1Scale Scale(int replicas) => new() { Metadata = new() { ResourceVersion = "17", Uid = "u" }, Spec = new() { Replicas = replicas } };

    private static V1Pod Pod(string phase, bool ready = false, string? cost = null) => new()
    {
        Metadata = new() { Annotations = cost is null ? null : new Dictionary<string, string> { ["controller.kubernetes.io/pod-deletion-cost"] = cost } },
        Status = new() { Phase = phase, Conditions = [new() { Type = "Ready", Status = ready ? "True" : "False" }] },
    };
}
