using System.Globalization;
using Juoku.Batch.Runs;
using Spectre.Console;

namespace Juoku.App.Terminal;

/// <summary>How a run stands, live on a terminal until it is settled; then the table goes, and the caller prints what came of it.</summary>
internal static class RunTable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Shows the run on standard error.</summary>
    /// <param name="observer">Looks at it.</param>
    /// <param name="first">The first look.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="finish">The run, where its last steps are to be taken here if nobody else does.</param>
    public static async Task<RunStatus> ShowAsync(RunObserver observer, RunStatus first, CancellationToken cancellation, RunRecords? finish = null)
    {
        RunStatus status = first;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Live(Draw(status)).AutoClear(true).StartAsync(async live =>
        {
            while (!status.IsSettled)
            {
                if (finish is not null && status.State == RunState.Finishing) await new RunFinisher(finish, TimeProvider.System).FinishAsync(cancellation);
                await Task.Delay(Pause, cancellation);
                status = await observer.LookAsync(cancellation);
                live.UpdateTarget(Draw(status));
            }
        });
        return status;
    }

    private static Table Draw(RunStatus status)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(status.Run);
        foreach (string column in (string[])["parts", "bad", "rows", "rows/s", "workers", "time left", "deadline in"]) table.AddColumn(new TableColumn(column).RightAligned());
        DateTimeOffset now = DateTimeOffset.UtcNow;
        bool isLate = status.Done > status.Deadline;
        table.AddRow(
            new Text($"{status.Finished}/{status.Parts}"),
            new Text($"{status.Rejected + status.Dead}"),
            new Text(status.Rows.ToString("N0", CultureInfo.InvariantCulture)),
            new Text(status.RowsPerSecond.ToString("N0", CultureInfo.InvariantCulture)),
            new Text($"{status.Workers}"),
            new Text(Left(status.Done - now), isLate ? new Style(Color.Red) : Style.Plain),
            new Text(Left(status.Deadline - now)));
        return table;
    }

    private static string Left(TimeSpan? span) => span is not { } left ? "–" : left < TimeSpan.Zero ? "now" : left.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);
}
