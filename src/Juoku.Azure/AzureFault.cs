using System.Net.Sockets;
using Azure;
using Azure.Identity;

namespace Juoku.Azure;

/// <summary>Says in one line what went wrong between this machine and a service, and what to do about it.</summary>
internal static class AzureFault
{
    /// <summary>Whether an exception comes from the service, the way there or the SDK, and not from the caller or a bug of ours.</summary>
    public static bool Is(Exception e, CancellationToken cancellation) => e switch
    {
        AggregateException { InnerExceptions: var all } => all.All(inner => Is(inner, cancellation)), // of the attempts
        OperationCanceledException => !cancellation.IsCancellationRequested,
        _ => e is RequestFailedException or AuthenticationFailedException or HttpRequestException or IOException or TimeoutException,
    };

    /// <summary>The line.</summary>
    public static string Explain(Exception e, Uri endpoint)
    {
        string where = endpoint.GetLeftPart(UriPartial.Authority);
        Exception last = e is AggregateException { InnerExceptions: [.., var attempt] } ? attempt : e;
        return last switch
        {
            RequestFailedException { Status: 401 or 403 } refused =>
                $"{where} refused access ({Said(refused)}); check the credentials (AZURE_STORAGE_CONNECTION_STRING, or the role of the identity)",
            RequestFailedException { Status: 429 or >= 500 } busy => $"{where} is out of order or overloaded, after several attempts ({Said(busy)}); try again later",
            RequestFailedException { Status: > 0 } other => $"{where} answered {other.Status} ({Said(other)})",
            AuthenticationFailedException => $"no credentials were found ({FirstLine(last)}); set AZURE_STORAGE_CONNECTION_STRING, sign in, or give the machine or pod an identity",
            TimeoutException or OperationCanceledException => $"{where} did not answer in time, after several attempts; check the network and the name of the account",
            _ when Socket(last) is { } socket => $"cannot reach {where} ({socket.Message}); check the network and the name of the account",
            _ => $"the connection to {where} failed, after several attempts ({FirstLine(last)}); try again",
        };
    }

    private static SocketException? Socket(Exception? e) => e is null or SocketException ? e as SocketException : Socket(e.InnerException);

    private static string Said(RequestFailedException e) => string.IsNullOrEmpty(e.ErrorCode) ? FirstLine(e) : $"{e.ErrorCode}: {FirstLine(e)}";

    private static string FirstLine(Exception e) => e.Message.Split('\n', 2)[0].Trim().TrimEnd('.');
}
