using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Tables;
using Juoku.Forest;
using Juoku.Learning.Features;

namespace Juoku.Learning.Registry;

/// <summary>
/// Registers what was made elsewhere: a LightGBM text model, whose lineage is not known, or a folder that <see cref="ModelExport"/> made,
/// whose lineage comes with it.
/// </summary>
public static class ModelImport
{
    /// <summary>Imports.</summary>
    /// <param name="registry">Where to.</param>
    /// <param name="name">Name of the model there.</param>
    /// <param name="path">A text model, or an exported folder.</param>
    /// <param name="categories">The model's category file; the one beside it, if there is one, when null.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The manifest of the new version.</returns>
    /// <exception cref="NotFoundException">A file is not there.</exception>
    /// <exception cref="ModelFormatException">The model cannot be scored.</exception>
    /// <exception cref="TableException">The category file does not fit the model.</exception>
    /// <exception cref="RegistryException">The folder is not as it was exported.</exception>
    public static async Task<ModelManifest> RunAsync(ModelRegistry registry, string name, string path, string? categories, CancellationToken cancellation)
    {
        if (Directory.Exists(path)) return await FromFolderAsync(registry, name, path, categories, cancellation).ConfigureAwait(false);
        if (!File.Exists(path)) throw new NotFoundException($"{path}: no such model file or exported folder");
        if (categories is not null && !File.Exists(categories)) throw new NotFoundException($"{categories}: no such category file");

        ForestModel model = ForestModel.Load(path);
        CategoryCodes?[] codes = FeatureCategories.Load(model, path, categories);
        var files = new List<ModelUpload> { await ModelUpload.FromFileAsync(PinnedModel.ModelFile, path, cancellation).ConfigureAwait(false) };
        await AddAsync(PinnedModel.CategoriesFile, categories ?? FeatureCategories.PathBeside(path)).ConfigureAwait(false);
        await AddAsync(PinnedModel.CalibrationFile, Path.ChangeExtension(path, ".calibration.json")).ConfigureAwait(false);
        var draft = new ModelManifest
        {
            Name = name,
            Origin = path,
            Parameters = ParametersOf(files[0].Content.Span),
            Features = [.. model.FeatureNames.Select((feature, i) => new FeatureColumn(feature, ColumnRole.Feature, IsCategorical(model, i, codes) ? FeatureType.Categorical : FeatureType.Numeric))],
            Versions = ImmutableSortedDictionary<string, string>.Empty.Add("juoku", JuokuVersion),
        };
        return await registry.RegisterAsync(draft, files, cancellation).ConfigureAwait(false);

        async Task AddAsync(string file, string from)
        {
            if (File.Exists(from)) files.Add(await ModelUpload.FromFileAsync(file, from, cancellation).ConfigureAwait(false));
        }
    }

    private static string JuokuVersion { get; } =
        typeof(ModelImport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static async Task<ModelManifest> FromFolderAsync(ModelRegistry registry, string name, string folder, string? categories, CancellationToken cancellation)
    {
        string manifestPath = Path.Combine(folder, RegistryKeys.ManifestFile), sumsPath = Path.Combine(folder, RegistryKeys.SumsFile);
        if (!File.Exists(manifestPath) || !File.Exists(sumsPath))
            throw new NotFoundException($"{folder}: no {(File.Exists(manifestPath) ? RegistryKeys.SumsFile : RegistryKeys.ManifestFile)} in it, so it is no exported model; name the model's text file");
        if (categories is not null) throw new UsageException($"--categories: {folder} is an exported model and brings its own; name its {PinnedModel.ModelFile} to give it others");

        byte[] text = await File.ReadAllBytesAsync(manifestPath, cancellation).ConfigureAwait(false);
        ModelManifest exported = RegistryJson.ReadManifest(text, manifestPath);
        VersionSums sums = VersionSums.TryParse(await File.ReadAllBytesAsync(sumsPath, cancellation).ConfigureAwait(false)) ?? throw new RegistryException(sumsPath, "is damaged (no list of digests)");
        if (sums.Files.FirstOrDefault(file => file.Name == RegistryKeys.ManifestFile)?.Sha256 != ModelRegistry.DigestOf(text))
            throw new RegistryException(manifestPath, "differs from what was exported; to import the model without its lineage, name its text file");
        var files = new List<ModelUpload>();
        foreach (ModelFile file in exported.Files)
        {
            string path = Path.Combine(folder, file.Name);
            if (!File.Exists(path)) throw new NotFoundException($"{path}: is missing from the exported model");
            files.Add(await ModelUpload.FromFileAsync(file.Name, path, cancellation).ConfigureAwait(false));
            if (ModelRegistry.DigestOf(files[^1].Content) != file.Sha256) throw new RegistryException(path, "differs from what was exported");
        }

        return await registry.RegisterAsync(exported with { Name = name, Origin = exported.Reference }, files, cancellation).ConfigureAwait(false);
    }

    private static bool IsCategorical(ForestModel model, int feature, CategoryCodes?[] codes) =>
        codes[feature] is not null || model.Ensemble.Trees.Any(tree => Enumerable.Range(0, tree.NodeCount).Any(node => tree.Decisions[node].IsCategorical && tree.SplitFeature[node] == feature));

    /// <summary>The parameters that LightGBM writes at the end of a model: <c>[num_leaves: 31]</c>, one a line.</summary>
    private static ImmutableSortedDictionary<string, string> ParametersOf(ReadOnlySpan<byte> model)
    {
        ImmutableSortedDictionary<string, string>.Builder parameters = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        int start = model.LastIndexOf("\nparameters:"u8), end = model.LastIndexOf("\nend of parameters"u8);
        if (start < 0 || end <= start) return parameters.ToImmutable();
        foreach (string line in Encoding.UTF8.GetString(model[start..end]).Split('\n'))
        {
            string[] parts = line.Trim('[', ']', '\r').Split(": ", 2);
            if (line.StartsWith('[') && parts.Length == 2 && parts[1].Length > 0) parameters[parts[0]] = parts[1];
        }

        return parameters.ToImmutable();
    }
}
