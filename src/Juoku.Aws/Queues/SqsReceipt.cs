using System.Globalization;

namespace Juoku.Aws.Queues;

/// <summary>
/// Proof of a loan: SQS's own handle, and until when the message is invisible. The time has to be known here, because SQS lets a handle
/// that ran out delete a message that another has received meanwhile.
/// </summary>
/// <param name="Until">End of the loan, in milliseconds of Unix time.</param>
/// <param name="Handle">What SQS gave.</param>
internal readonly record struct SqsReceipt(long Until, string Handle)
{
    public static SqsReceipt Parse(string receipt)
    {
        int colon = receipt.IndexOf(':');
        return new SqsReceipt(long.Parse(receipt.AsSpan(0, colon), CultureInfo.InvariantCulture), receipt[(colon + 1)..]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Until}:{Handle}");
}
