using Juoku.Batch.Queues;
using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Tests.Runs.Schedules;

/// <summary>The commit protocol under all schedules of small runs, and under many of larger ones.</summary>
public sealed class ScheduleTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    [InlineData(0, 2)]
    public void TwoWorkersTwoParts_EverySchedule_EachPartCountsOnce(int preemptions, int troubles) => Exhaust(new Scenario(), preemptions, troubles);

    [Fact]
    public void RejectedPart_EverySchedule_IsRejectedOnce() => Exhaust(new Scenario { Bad = [1], MaxRejectedParts = null }, 1, 1);

    [Fact]
    public void PartThatKillsWorkers_EverySchedule_IsBuriedOrFinished() => Exhaust(new Scenario { Parts = 1, MaxReceives = 1 }, 1, 2);

    [Fact]
    public void TwoFinishers_EverySchedule_PublishOnce() => Exhaust(new Scenario { Parts = 1, Workers = 1, People = [Person.Finishes, Person.Finishes] }, 2, 1);

    [Fact]
    public void TwoSubmitters_EverySchedule_MakeOneRun() => Exhaust(new Scenario { Submitters = 2, Workers = 1 }, 2, 1);

    [Fact]
    public void Cancel_EverySchedule_IsCancelledOrPublishedNeverBoth() => Exhaust(new Scenario { Parts = 1, Workers = 1, People = [Person.Cancels] }, 2, 1);

    [Fact]
    public void CancelThenRetry_EverySchedule_LosesNoMessage() => Exhaust(new Scenario { Parts = 1, People = [Person.CancelsThenRetries] }, 2, 0);

    [Fact]
    public void Retry_EverySchedule_NothingOfAnEarlierGenerationCounts() => Exhaust(new Scenario { Bad = [0], Parts = 1, People = [Person.Retries] }, 2, 0);

    [Fact]
    public void PublishAndRollBack_EverySchedule_ReadersHaveAWholeRun() =>
        Exhaust(new Scenario { Parts = 1, Workers = 1, Bad = [], People = [Person.Publishes, Person.RollsBack] }, 2, 0);

    [Fact]
    public void ManyWorkersManyParts_RandomSchedules_EachPartCountsOnce()
    {
        Exploration found = new Explorer(new Scenario { Parts = 5, Workers = 3 }, new Limits(1000, 6)).Wander(1, Environment.GetEnvironmentVariable("JUOKU_SCHEDULES") == "all" ? 5000 : 150);

        Report(found);
    }

    [Fact]
    public void ReceiptsPutWithoutCondition_AreCaught()
    {
        var broken = new Scenario { Store = (world, actor) => new UnconditionalStore(world, actor) };

        Exploration found = new Explorer(broken, new Limits(1, 1)).Exhaust(5000);

        Assert.Contains("was replaced", found.Failure);
    }

    [Fact]
    public void MessagesCompletedBeforeTheReceipt_AreCaught()
    {
        var broken = new Scenario { Queue = (world, actor, skip) => new HastyQueue(world, actor, skip) };

        Exploration found = new Explorer(broken, new Limits(0, 1)).Exhaust(5000);

        Assert.Contains("have no final receipt", found.Failure);
    }

    [Fact]
    public void BytesThatDependOnTheWorker_AreCaught()
    {
        var broken = new Scenario { Bytes = (actor, part) => $"{actor.Name} {part.Number}" };

        Assert.Contains("missing or wrong", new Explorer(broken, new Limits(1, 1)).Exhaust(5000).Failure);
    }

    [Fact]
    public void Failure_IsReplayed_BreaksTheSamePromise()
    {
        var broken = new Scenario { Queue = (world, actor, skip) => new HastyQueue(world, actor, skip) };
        var explorer = new Explorer(broken, new Limits(0, 1));
        string failure = explorer.Exhaust(5000).Failure!;
        string line = failure.Split('\n').Single(text => text.StartsWith("replay:", StringComparison.Ordinal));
        int[] choices = [.. line[(line.IndexOf('[') + 1)..^1].Split(", ").Select(int.Parse)];

        Assert.Equal(failure, explorer.Replay(choices));
    }

    /// <summary>All schedules within the limits when asked for; else all with one deviation, and some at random with more.</summary>
    private void Exhaust(Scenario scenario, int preemptions, int troubles)
    {
        if (Environment.GetEnvironmentVariable("JUOKU_SCHEDULES") == "all")
        {
            Exploration all = new Explorer(scenario, new Limits(preemptions, troubles)).Exhaust(100_000);
            Report(all);
            Assert.True(all.IsComplete, $"{all.Schedules} schedules are not all of them.");
            return;
        }

        Report(new Explorer(scenario, new Limits(Math.Min(1, preemptions), 0)).Exhaust(5000));
        Report(new Explorer(scenario, new Limits(0, Math.Min(1, troubles))).Exhaust(5000));
        Report(new Explorer(scenario, new Limits(4 * preemptions, troubles)).Wander(1, 60));
    }

    private void Report(Exploration found)
    {
        output.WriteLine($"{found.Schedules} schedules, {found.Steps} steps");
        Assert.True(found.Failure is null, found.Failure);
    }

    /// <summary>Ignores under what condition a receipt is put: who is later wins.</summary>
    private sealed class UnconditionalStore(World world, Actor actor) : ScheduledStore(world, actor)
    {
        public override Task<StoredObject?> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellation) =>
            base.PutAsync(key, content, RunKeys.PartOf(key) is null ? condition : PutCondition.None, cancellation);
    }

    /// <summary>Completes a message as soon as it is received.</summary>
    private sealed class HastyQueue(World world, Actor actor, Func<int> skip) : ScheduledQueue(world, actor, skip)
    {
        public override async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int most, TimeSpan wait, TimeSpan visibility, CancellationToken cancellation)
        {
            IReadOnlyList<QueueMessage> messages = await base.ReceiveAsync(most, wait, visibility, cancellation).ConfigureAwait(false);
            foreach (QueueMessage message in messages) await base.CompleteAsync(message, cancellation).ConfigureAwait(false);
            return messages;
        }

        public override Task<bool> CompleteAsync(QueueMessage message, CancellationToken cancellation) => Task.FromResult(true);
    }
}
