using Juoku.Batch.Runs;
using Juoku.Batch.Stores;

namespace Juoku.Batch.Tests.Runs;

public sealed class ReceiptLedgerTests
{
    [Fact]
    public async Task Refresh_StoreFailsInTheMiddle_KeepsWhatWasRead()
    {
        const int Parts = 60, Listing = 1, Answers = 40;
        await using var bed = new RunBed();
        await bed.PutPartsAsync(Parts);
        RunPlan plan = (await bed.SubmitAsync()).Plan;
        await bed.WorkAsync(score: RunBed.ScoreQuicklyAsync);
        var failing = new CrashingStore(bed.Files, new Crash(atCall: Listing + Answers + 1, takesEffect: false));
        var ledger = new ReceiptLedger(RunRecords.Of(plan, failing, bed.Pool));

        await Assert.ThrowsAsync<StoreException>(() => ledger.RefreshAsync(CancellationToken.None));

        Assert.Equal(Answers, ledger.Receipts.Count);
        Assert.Equal(Parts - Answers, ledger.OpenParts);
    }
}
