using System.Collections.Immutable;
using System.Globalization;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;

namespace Juoku.Learning.Registry;

/// <summary>How to promote.</summary>
public sealed record PromotionOptions
{
    /// <summary>The alias to move. Only <c>champion</c> has to be earned: others are labels.</summary>
    public string Alias { get; init; } = ModelReference.Champion;

    /// <summary>Promote whatever the comparison would say.</summary>
    public bool Force { get; init; }

    /// <summary>How much higher the candidate's log loss may be, relative to the champion's.</summary>
    public double Tolerance { get; init; } = 0.001;

    /// <summary>Measures models on held-out days; null where nobody can.</summary>
    public HeldOutEvaluation? Evaluate { get; init; }
}

/// <summary>How an attempt to move an alias ended.</summary>
public enum PromotionOutcome
{
    /// <summary>The alias names the version now.</summary>
    Moved,

    /// <summary>It did so before.</summary>
    Unchanged,

    /// <summary>The candidate is worse than the champion.</summary>
    Worse,

    /// <summary>Nothing tells which of the two is better.</summary>
    Incomparable,

    /// <summary>Someone else moved the alias meanwhile.</summary>
    Overtaken,

    /// <summary>There is no version to go back to.</summary>
    NothingBefore,
}

/// <summary>An attempt to move an alias.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Model">Name of the model.</param>
/// <param name="Alias">Name of the alias.</param>
/// <param name="From">Version that the alias named before; null for none.</param>
/// <param name="To">Version that it was to name.</param>
/// <param name="Comparison">What was compared; null for nothing.</param>
/// <param name="Message">All that in a line.</param>
public sealed record PromotionResult(PromotionOutcome Outcome, string Model, string Alias, int? From, int To, HeldOutComparison? Comparison, string Message)
{
    /// <summary>Whether the alias names the version wanted.</summary>
    public bool IsDone => Outcome is PromotionOutcome.Moved or PromotionOutcome.Unchanged;
}

/// <summary>
/// Moves aliases. A move reads the alias, decides, and puts the new state only if nobody put another meanwhile: of two who promote at once
/// one wins, and the other is told, as the champion he compared with is no longer the champion.
/// </summary>
/// <param name="registry">The registry.</param>
public sealed class ModelPromotion(ModelRegistry registry)
{
    /// <summary>Lets an alias name a version.</summary>
    /// <param name="candidate">The version, or another alias for it.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ModelNotFoundException">There is no such version.</exception>
    /// <exception cref="RegistryException">The version is damaged.</exception>
    public async Task<PromotionResult> PromoteAsync(ModelReference candidate, PromotionOptions options, CancellationToken cancellation)
    {
        RefuseBadAlias(options.Alias);
        (AliasState? state, string? etag) = await registry.ReadAliasAsync(candidate.Name, options.Alias, cancellation).ConfigureAwait(false);
        ModelManifest model = await registry.ResolveAsync(candidate, cancellation).ConfigureAwait(false);
        string alias = $"{model.Name}@{options.Alias}";
        PromotionResult Result(PromotionOutcome outcome, HeldOutComparison? comparison, string message) =>
            new(outcome, model.Name, options.Alias, state?.Version, model.Version, comparison, message);

        if (state?.Version == model.Version) return Result(PromotionOutcome.Unchanged, null, $"{alias} is {model.Reference} already");
        await RefuseDamagedAsync(model, cancellation).ConfigureAwait(false);

        HeldOutComparison? comparison = null;
        if (state is not null && options.Alias == ModelReference.Champion && !options.Force)
        {
            ModelManifest champion = await registry.ResolveAsync(ModelReference.To(model.Name, state.Version), cancellation).ConfigureAwait(false);
            comparison = await HeldOutComparison.OfAsync(model, champion, options.Tolerance, options.Evaluate, cancellation).ConfigureAwait(false);
            if (comparison is null)
                return Result(PromotionOutcome.Incomparable, null, $"{model.Reference} and the champion {champion.Reference} were not measured on the same days{WhyNot(model)}; --force promotes it all the same");
            if (comparison.IsWorse)
                return Result(PromotionOutcome.Worse, comparison, string.Create(CultureInfo.InvariantCulture, $"{model.Reference} is worse than the champion {champion.Reference}: {comparison}, where {comparison.Tolerance:P2} is allowed; --force promotes it all the same"));
        }

        string reason = comparison?.ToString() ?? (state is null ? "first" : options.Force ? "forced" : "chosen");
        var move = new AliasMove(Guid.NewGuid(), registry.Now, registry.By, AliasMoveKind.Promotion, state?.Version, model.Version, reason);
        AliasMove? other = await MoveAsync(model.Name, options.Alias, state, etag, move, cancellation).ConfigureAwait(false);
        return other is null
            ? Result(PromotionOutcome.Moved, comparison, $"{alias} is {model.Reference} now{(state is null ? "" : $"; it was {model.Name}/{state.Version}")}")
            : Result(PromotionOutcome.Overtaken, comparison, Overtaken(alias, model.Name, other));
    }

    /// <summary>Lets an alias name the version again that it named before this one.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="alias">The alias.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ModelNotFoundException">There is no such alias.</exception>
    /// <exception cref="RegistryException">The version before is damaged or gone.</exception>
    public async Task<PromotionResult> RollbackAsync(string name, string alias, CancellationToken cancellation)
    {
        RefuseBadAlias(alias);
        (AliasState? found, string? etag) = await registry.ReadAliasAsync(name, alias, cancellation).ConfigureAwait(false);
        AliasState state = found ?? throw await registry.NotFoundAsync(ModelReference.Parse($"{name}@{alias}"), cancellation).ConfigureAwait(false);
        ImmutableArray<int> trail = state.Trail();
        if (trail.Length < 2)
            return new PromotionResult(PromotionOutcome.NothingBefore, name, alias, state.Version, state.Version, null, $"{name}@{alias} was never another version than {name}/{state.Version} that it could go back to");

        ModelManifest before = await registry.ResolveAsync(ModelReference.To(name, trail[^2]), cancellation).ConfigureAwait(false);
        await RefuseDamagedAsync(before, cancellation).ConfigureAwait(false);
        var move = new AliasMove(Guid.NewGuid(), registry.Now, registry.By, AliasMoveKind.Rollback, state.Version, before.Version, "rolled back");
        AliasMove? other = await MoveAsync(name, alias, state, etag, move, cancellation).ConfigureAwait(false);
        return other is null
            ? new PromotionResult(PromotionOutcome.Moved, name, alias, state.Version, before.Version, null, $"{name}@{alias} is {before.Reference} again; it was {name}/{state.Version}")
            : new PromotionResult(PromotionOutcome.Overtaken, name, alias, state.Version, before.Version, null, Overtaken($"{name}@{alias}", name, other));
    }

    /// <summary>Puts the new state; returns null, or the move of whoever was quicker.</summary>
    private async Task<AliasMove?> MoveAsync(string name, string alias, AliasState? state, string? etag, AliasMove move, CancellationToken cancellation)
    {
        var next = new AliasState(alias, move.To, [.. state?.History ?? [], move]);
        byte[] content = RegistryJson.Write(next, RegistryJson.Readable.AliasState);
        PutCondition condition = etag is null ? PutCondition.IfAbsent : PutCondition.IfMatch(etag);
        if (await registry.Store.PutAsync(RegistryKeys.Alias(name, alias), content, condition, cancellation).ConfigureAwait(false) is not null) return null;

        // A put whose answer was lost and that was sent again finds itself in its way; then ours is among the moves.
        AliasState? there = await registry.FindAliasAsync(name, alias, cancellation).ConfigureAwait(false);
        if (there is null) throw new RegistryException(registry.UrlOf(RegistryKeys.Alias(name, alias)), "was removed while it was being moved; try again");
        return there.History.Any(made => made.Id == move.Id) ? null : there.History[^1];
    }

    private async Task RefuseDamagedAsync(ModelManifest model, CancellationToken cancellation)
    {
        ImmutableArray<CheckedFile> files = await new ModelVerification(registry).RunAsync(model.Name, model.Version, cancellation).ConfigureAwait(false);
        if (files.FirstOrDefault(file => file.Problem is not null) is { } bad) throw new RegistryException(bad.Url, $"{bad.Problem}; {model.Reference} stays where it is");
    }

    private static string WhyNot(ModelManifest model) => model.Data is null ? $" ({model.Reference} was imported and has none)" : "";

    private static string Overtaken(string alias, string name, AliasMove other) =>
        string.Create(CultureInfo.InvariantCulture, $"{alias} was moved to {name}/{other.To} by {other.By} meanwhile; look at it and promote again");

    private static void RefuseBadAlias(string alias)
    {
        ModelReference.RefuseBadName(alias, "an alias");
        if (alias == ModelReference.Latest) throw new UsageException($"'{ModelReference.Latest}' is always the newest version and cannot be moved");
    }
}
