using Juoku.Batch.Predicting;

namespace Juoku.Learning.Training;

/// <summary>What to train, on what.</summary>
public sealed record TrainingOptions
{
    /// <summary>Feature set.</summary>
    public required string Set { get; init; }

    /// <summary>First day; learnt from.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last day; held out.</summary>
    public required DateOnly To { get; init; }

    /// <summary>Name to register the model under.</summary>
    public string Name { get; init; } = "ctr";

    /// <summary>How.</summary>
    public TrainingConfig Config { get; init; } = new();

    /// <summary>Model whose training to continue, such as <c>ctr@champion</c>; null to start afresh.</summary>
    public string? Parent { get; init; }

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Folder whose git commit the model is tied to.</summary>
    public string WorkingFolder { get; init; } = ".";

    /// <summary>Version of Juoku, for the record.</summary>
    public string Version { get; init; } = typeof(TrainingOptions).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Refuses options that make no sense.</summary>
    /// <exception cref="UsageException">They do not.</exception>
    public void Validate()
    {
        if (Threads < 1) throw new UsageException($"--threads {Threads}: at least one thread is needed");
        if (To < From) throw new UsageException($"--from {From:yyyy-MM-dd} --to {To:yyyy-MM-dd}: the last day comes before the first");
        Registry.ModelReference.RefuseBadName(Name, "a model");
    }
}
