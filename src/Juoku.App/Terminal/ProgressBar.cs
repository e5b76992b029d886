using System.Globalization;
using Juoku.Batch.Predicting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Juoku.App.Terminal;

/// <summary>A progress bar with rows a second and time left, on standard error, for work that lasts over a second.</summary>
internal static class ProgressBar
{
    /// <summary>Shows how far the work is until it ends, well or not; the outcome stays with <paramref name="work"/>.</summary>
    public static async Task ShowAsync(PredictionProgress progress, Task work)
    {
        if (await Task.WhenAny(work, Task.Delay(TimeSpan.FromSeconds(1))) == work) return;

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn { Width = 30 }, new PercentageColumn(), new RowsColumn(progress), new RemainingTimeColumn())
            .StartAsync(async bar =>
            {
                ProgressTask task = bar.AddTask("predict", maxValue: Math.Max(1, progress.TotalBytes));
                while (!work.IsCompleted)
                {
                    task.Value = progress.Bytes;
                    await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(200)));
                }
            });
    }

    private sealed class RowsColumn(PredictionProgress progress) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            // The task begins a second into the work.
            double seconds = (task.ElapsedTime ?? TimeSpan.Zero).TotalSeconds + 1;
            return new Text(string.Create(CultureInfo.InvariantCulture, $"{progress.Rows / seconds:N0} rows/s"));
        }
    }
}
