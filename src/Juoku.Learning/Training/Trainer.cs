using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using Juoku.Batch;
using Juoku.Batch.Models;
using Juoku.Batch.Predicting;
using Juoku.Batch.Stores;
using Juoku.Batch.Tables;
using Juoku.Learning.Evaluation;
using Juoku.Learning.LightGbm;
using Juoku.Learning.Registry;
using Juoku.Learning.Reports;

namespace Juoku.Learning.Training;

/// <summary>
/// Days of a feature set → a registered model. The steps: split the days by time; survey the training days (categories, bins, distributions);
/// stream them into LightGBM; boost until the earlier held-out days stop improving; score the held-out days with Juoku's own engine; keep a recalibration
/// if it helps on days it was not fitted on; measure; write the report; register. The registration is the last step and makes the version
/// appear at once, so a training that ends before has left nothing.
/// </summary>
public sealed class Trainer(IStore store, Adapters adapters, TimeProvider? time = null)
{
    /// <summary>Trains and registers.</summary>
    /// <param name="options">What to train.</param>
    /// <param name="progress">Kept up to date meanwhile.</param>
    /// <param name="cancellation">Stops between batches and iterations; nothing is registered.</param>
    /// <exception cref="UsageException">The options or the configuration make no sense, or LightGBM refuses a parameter.</exception>
    /// <exception cref="NotFoundException">A day is missing.</exception>
    /// <exception cref="ModelNotFoundException">The parent is missing.</exception>
    /// <exception cref="TableException">The features cannot be used.</exception>
    /// <exception cref="StoreException">The store fails.</exception>
    public async Task<TrainingResult> RunAsync(TrainingOptions options, TrainingProgress progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        options.Validate();
        TrainingConfig config = options.Config.Normalized();
        using FeatureRange set = await FeatureRange.OpenAsync(store, options.Set, options.From, options.To, cancellation).ConfigureAwait(false);
        DaySplit split = DaySplit.Of(set.All, config.ValidDays);
        TrainingColumns columns = TrainingColumns.Of(set, config);
        EvaluatedModel? parent = await OpenParentAsync(options.Parent, columns, cancellation).ConfigureAwait(false);
        TruthFiles? truth = await TruthFiles.FindAsync(store, set, cancellation).ConfigureAwait(false);
        CodeSource code = await GitCheckout.DescribeAsync(options.WorkingFolder, cancellation).ConfigureAwait(false);

        DirectoryInfo folder = Directory.CreateTempSubdirectory("juoku-train-");
        try
        {
            var work = new Work(options, config, set, split, columns, parent, folder.FullName, progress, cancellation);
            BoostedModel boosted = await Task.Run(work.Boost, cancellation).ConfigureAwait(false);
            Recalibration recalibration = await Task.Run(work.Recalibrate, cancellation).ConfigureAwait(false);
            ModelManifest draft = Draft(options, config, split, columns, parent, code);
            EvaluationResult evaluation = await Task.Run(() => work.Evaluate(draft, boosted.Profile, truth), cancellation).ConfigureAwait(false);
            draft = draft with { Metrics = Metrics(evaluation) };
            progress.Begin("registering the model", 0);
            string report = ReportPage.Of(evaluation with { Manifest = draft, Model = options.Name });
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "report.html"), report, cancellation).ConfigureAwait(false);
            ModelManifest manifest = await new ModelRegistry(store, time: time).RegisterAsync(draft, await FilesAsync(folder, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            return new TrainingResult(
                manifest, boosted.Outcome, recalibration, evaluation with { Manifest = manifest, Model = manifest.Reference }, split, boosted.Warnings, clock.Elapsed);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<EvaluatedModel?> OpenParentAsync(string? reference, TrainingColumns columns, CancellationToken cancellation)
    {
        if (reference is null) return null;
        EvaluatedModel parent = await EvaluatedModel.OpenAsync(reference, store, adapters, cancellation).ConfigureAwait(false);
        ImmutableArray<string> features = parent.Model.Forest.FeatureNames;
        if (!features.SequenceEqual(columns.Names))
        {
            string odd = features.Except(columns.Names).Concat(columns.Names.Except(features)).FirstOrDefault() is { } name ? $"'{name}' is in one of them only" : "their order differs";
            throw new UsageException($"--parent {reference}: its features are not those of the set ({odd}); train without a parent");
        }

        return parent;
    }

    private ModelManifest Draft(TrainingOptions options, TrainingConfig config, DaySplit split, TrainingColumns columns, EvaluatedModel? parent, CodeSource code) => new()
    {
        Name = options.Name,
        Code = code,
        Data = new TrainingData(
            store.Url, options.Set, split.Train[0].Date, split.Train[^1].Date, split.Tune[0].Date, split.Judge[^1].Date, split.Train.Sum(day => day.Manifest.Rows),
            FeatureRange.Digest([.. split.Train, .. split.Tune, .. split.CanJudge ? split.Judge : []]), split.Train.Min(day => day.Manifest.NegativeRate),
            split.Judge[0].Date),
        Parameters = config.Parameters,
        ConfigDigest = config.Digest(),
        Features = columns.Features,
        Parent = parent?.Name,
        Versions = new Dictionary<string, string> { ["juoku"] = options.Version, ["lightgbm"] = LightGbmVersion.Value }.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    private static ImmutableSortedDictionary<string, double> Metrics(EvaluationResult evaluation)
    {
        ImmutableSortedDictionary<string, double> metrics = evaluation.Metrics.Named();
        return evaluation.Truth is not { } truth ? metrics : metrics
            .SetItem("truth_log_loss", truth.LogLoss)
            .SetItem("truth_auc", truth.Auc ?? double.NaN);
    }

    private static async Task<List<ModelUpload>> FilesAsync(DirectoryInfo folder, CancellationToken cancellation)
    {
        var files = new List<ModelUpload>();
        foreach (FileInfo file in folder.GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal))
            files.Add(await ModelUpload.FromFileAsync(file.Name, file.FullName, cancellation).ConfigureAwait(false));
        return files;
    }

    /// <summary>A model that has been boosted; its files lie in the folder.</summary>
    private sealed record BoostedModel(BoostingOutcome Outcome, FeatureProfile Profile, ImmutableArray<string> Warnings);

    /// <summary>The steps that compute. Each runs on one thread from start to end, as LightGBM's log and limits are a thread's.</summary>
    private sealed class Work(
        TrainingOptions options, TrainingConfig config, FeatureRange set, DaySplit split, TrainingColumns columns, EvaluatedModel? parent, string folder,
        TrainingProgress progress, CancellationToken cancellation)
    {
        private string ModelPath => Path.Combine(folder, PinnedModel.ModelFile);

        public BoostedModel Boost()
        {
            var warnings = new SortedSet<string>(StringComparer.Ordinal);
            using IDisposable log = LightGbmLog.Listen(line => warnings.Add(line));
            using IDisposable threads = LightGbmThreads.Limit(options.Threads);
            try
            {
                return Boost(warnings);
            }
            catch (LightGbmException e)
            {
                throw new UsageException($"LightGBM refuses the training: {e.Reason.ReplaceLineEndings(" ")} ({e.Call}); look at 'parameters' in the configuration");
            }
        }

        public Recalibration Recalibrate()
        {
            Calibration? correction = Correction();
            LoadedModel model = LoadedModel.Load(ModelPath) with { Calibration = correction };
            ScoredRows judge = Score(model, split.Judge, "scoring the held-out days", null, null).Rows;
            ScoredRows? fit = split.CanJudge && config.Calibration != CalibrationChoice.None ? Score(model, split.Tune, "fitting the calibration", null, null).Rows : null;
            Recalibration outcome = judge.Count == 0
                ? new Recalibration(null, null, [], "none: the held-out days have no rows")
                : Recalibration.Choose(config.Calibration, fit, judge);
            ImmutableArray<CalibrationStep> steps = [.. correction?.Steps ?? [], .. outcome.Kept is { } curve ? (CalibrationStep[])[curve] : []];
            if (!steps.IsEmpty) File.WriteAllBytes(Path.Combine(folder, PinnedModel.CalibrationFile), new Calibration(steps).ToJson());
            return outcome;
        }

        public EvaluationResult Evaluate(ModelManifest draft, FeatureProfile profile, TruthFiles? truth)
        {
            var model = new EvaluatedModel(options.Name, LoadedModel.Load(ModelPath), File.ReadAllBytes(ModelPath), profile, draft);
            return ModelEvaluation.Of(model, set.Set, split.Judge, Score(model.Model, split.Judge, "measuring", profile, truth));
        }

        private BoostedModel Boost(SortedSet<string> warnings)
        {
            Parameters parameters = NativeParameters();
            CategoryMaps known = parent is null ? CategoryMaps.Empty : MapsOf(parent);
            DataSurvey survey = DataSurvey.Run(new FeatureReader(split.Train, options.Threads), columns, config, parameters, known, progress, cancellation);
            var binning = new DatasetOptions
            {
                FeatureNames = columns.Names,
                CategoricalFeatures = [.. Enumerable.Range(0, columns.Count).Where(f => survey.Maps.Values.ContainsKey(columns.Features[f].Name))],
                Parameters = parameters,
            };
            FeatureSelection selection = columns.Select(survey.Maps);
            using Dataset train = Dataset.CreateEmpty(survey.Sample, binning);
            progress.Begin("loading the training days", train.RowCount);
            DatasetFilling.Fill(train, new FeatureReader(split.Train, options.Threads), columns, selection, parent?.Model.Forest, progress, cancellation);

            var tuning = new FeatureReader(split.Tune, options.Threads);
            if (tuning.RowCount == 0) throw new TableException(set.Set, "the held-out days have no rows; choose other days");
            using Dataset valid = train.CreateEmptyLike(checked((int)tuning.RowCount));
            progress.Begin("loading the held-out days", valid.RowCount);
            DatasetFilling.Fill(valid, tuning, columns, selection, parent?.Model.Forest, progress, cancellation);

            using Booster? before = parent is null ? null : Booster.Parse(Encoding.UTF8.GetString(parent.Text.Span));
            using Booster booster = Booster.Begin(train, parameters, before);
            booster.AddValidation(valid);
            progress.Begin("boosting", config.Rounds);
            BoostingOutcome outcome = Boosting.Run(booster, config, progress, cancellation);

            int kept = (before is null ? 0 : before.TreeCount / before.OutputCount) + outcome.Best.BestIteration;
            File.WriteAllText(ModelPath, booster.ToModelText(kept));
            File.WriteAllBytes(Path.Combine(folder, PinnedModel.CategoriesFile), survey.Maps.ToJson());
            File.WriteAllBytes(Path.Combine(folder, FeatureProfile.FileName), survey.Profile.ToJson());
            File.WriteAllBytes(Path.Combine(folder, "train.json"), config.ToJson());
            return new BoostedModel(outcome, survey.Profile, [.. warnings]);
        }

        private FeatureScoring Score(LoadedModel model, ImmutableArray<FeatureDay> days, string step, FeatureProfile? profile, TruthFiles? truth)
        {
            progress.Begin(step, days.Sum(day => day.Manifest.Rows));
            var scoring = new ScoringOptions { Threads = options.Threads, Progress = new RowProgress(progress) };
            return FeatureScoring.Run(set, days, model, profile, truth, scoring, cancellation);
        }

        /// <summary>What undoes the down-sampling of rows without click; null where weights did, or there was none.</summary>
        private Calibration? Correction()
        {
            double[] rates = [.. split.Train.Select(day => day.Manifest.NegativeRate).Distinct()];
            if (columns.Weight is not null || rates is [1]) return null;
            return rates is [var rate]
                ? new Calibration([new DownSamplingCorrection(rate)])
                : throw new UsageException($"weights: false: the training days kept different shares of the rows without click ({string.Join(", ", rates)}), which only weights can undo");
        }

        private Parameters NativeParameters()
        {
            // Warnings are wanted; what is known in advance to be wrong was refused before.
            var parameters = new Parameters { ["verbosity"] = 0 };
            foreach ((string name, string value) in config.Parameters) parameters[name] = value;
            return parameters;
        }

        private static CategoryMaps MapsOf(EvaluatedModel parent)
        {
            string path = FeatureCategories.PathBeside(parent.Model.Path);
            return File.Exists(path) ? CategoryMaps.Parse(File.ReadAllBytes(path), path) : CategoryMaps.Empty;
        }
    }

    private sealed class RowProgress(TrainingProgress progress) : IProgress<long>
    {
        public void Report(long value) => progress.Report(value);
    }
}
