using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;

namespace Juoku.Aws;

/// <summary>Says in one line what went wrong between this machine and a service, and what to do about it.</summary>
internal static class AwsFault
{
    /// <summary>Whether an exception comes from the service, the way there or the SDK, and not from the caller or a bug of ours.</summary>
    public static bool Is(Exception e, CancellationToken cancellation) =>
        e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutException or SocketException
        || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    /// <summary>The line.</summary>
    /// <param name="e">What was thrown.</param>
    /// <param name="service">S3 or SQS.</param>
    /// <param name="endpoint">Where requests went; null for AWS itself.</param>
    public static string Explain(Exception e, string service, string? endpoint)
    {
        string where = endpoint is null ? service : $"{service} at {endpoint}";
        string variable = $"AWS_ENDPOINT_URL_{service}";
        if (e is AmazonServiceException { StatusCode: not 0 } refusal && !string.IsNullOrEmpty(refusal.ErrorCode))
        {
            string said = $"{refusal.ErrorCode}{(string.IsNullOrWhiteSpace(refusal.Message) ? "" : $": {refusal.Message.Trim().TrimEnd('.')}")}";
            return refusal.ErrorCode switch
            {
                "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" =>
                    $"{where} says that it lies in another region ({said}); set AWS_REGION to that",
                "XAmzContentSHA256Mismatch" => $"{where} does not know the SDK's checksums ({said}); set AWS_REQUEST_CHECKSUM_CALCULATION=when_required",
                "RequestTimeTooSkewed" => $"{where} refuses requests from a clock that is wrong ({said}); set this machine's clock",
                _ when refusal.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized =>
                    $"{where} refused access ({said}); check the credentials (AWS_ACCESS_KEY_ID, AWS_PROFILE or the role) and what they may do",
                _ when (int)refusal.StatusCode >= 500 || refusal.StatusCode == HttpStatusCode.TooManyRequests =>
                    $"{where} is out of order or overloaded, after several attempts ({said}); try again later",
                _ => $"{where} answered {(int)refusal.StatusCode} ({said})",
            };
        }

        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case SocketException or HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }:
                    return $"cannot reach {where} ({inner.Message}); check the network and {variable}";
                case TimeoutException or OperationCanceledException:
                    return $"{where} did not answer in time, after several attempts; check the network and {variable}";
                case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }:
                    return $"no secure connection to {where} ({inner.Message}); check its certificate and whether {variable} should begin with http:";
                case HttpRequestException or IOException:
                    return $"the connection to {where} broke off, after several attempts ({inner.Message}); try again";
                case AmazonUnmarshallingException or System.Xml.XmlException or System.Text.Json.JsonException:
                    return $"{where} did not answer as {service} does; check {variable}";
            }
        }

        return e switch
        {
            _ when e.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase) =>
                $"no credentials for {where} were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the machine or pod a role",
            _ when e.Message.Contains("region", StringComparison.OrdinalIgnoreCase) => $"no region for {service} is known; set AWS_REGION",
            AmazonServiceException { StatusCode: not 0 } odd => $"{where} answered {(int)odd.StatusCode} and no more; check {variable}",
            _ => $"{where} failed ({e.Message})",
        };
    }
}
