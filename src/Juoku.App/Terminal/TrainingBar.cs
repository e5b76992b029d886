using System.Globalization;
using Juoku.Learning.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Juoku.App.Terminal;

/// <summary>A progress bar of a training: the step, and while boosting the validation metric and the best iteration so far.</summary>
internal static class TrainingBar
{
    /// <summary>Shows how far the work is until it ends, well or not; the outcome stays with <paramref name="work"/>.</summary>
    public static async Task ShowAsync(TrainingProgress progress, Task work)
    {
        if (await Task.WhenAny(work, Task.Delay(TimeSpan.FromSeconds(1))) == work) return;

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 16 }, new MetricColumn(progress))
            .StartAsync(async bar =>
            {
                ProgressTask task = bar.AddTask("", maxValue: 1);
                while (!work.IsCompleted)
                {
                    TrainingState state = progress.State;
                    task.Description = state.Step;
                    task.MaxValue = Math.Max(1, state.Total);
                    task.Value = state.Done;
                    await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(200)));
                }
            });
    }

    /// <summary>How a state reads: <c>120/1000 binary_logloss 0.05123, best 0.05121 at 97</c>.</summary>
    internal static string Describe(TrainingState state)
    {
        string count = state.Total == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{state.Done:N0}/{state.Total:N0}");
        return state.Step == "boosting" && state.Boosting is { } boosting
            ? string.Create(CultureInfo.InvariantCulture, $"{count} {boosting.Metric} {boosting.Last:F5}, best {boosting.Best:F5} at {boosting.BestIteration}")
            : count;
    }

    private sealed class MetricColumn(TrainingProgress progress) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(Describe(progress.State));
    }
}
