using System.Net;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>
/// Follows redirects with SocketsHttpHandler's rules. The handler cannot do it here, because a redirect to another origin is subject to the
/// upgrade just like a first request.
/// </summary>
internal static class Redirection
{
    /// <summary>The URI to redirect to; <see langword="null"/> if the response goes to the caller.</summary>
    public static Uri? TargetOf(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.MultipleChoices or HttpStatusCode.MovedPermanently or HttpStatusCode.Found
            or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            || response.Headers.Location is not { } location
            || request.RequestUri is not { } uri)
        {
            return null;
        }

        var target = location.IsAbsoluteUri ? location : new Uri(uri, location);

        // RFC 9110 section 10.2.2: the fragment is inherited.
        if (uri.Fragment.Length > 0 && target.Fragment.Length == 0)
        {
            target = new UriBuilder(target) { Fragment = uri.Fragment }.Uri;
        }

        return IsSecure(uri) && !IsSecure(target) ? null : target;
    }

    /// <summary>
    /// Whether the server only sends the request on to https on the same host and port. It then wants TLS, and need not speak HTTP/1.1 to
    /// clients that begin with it.
    /// </summary>
    public static bool DemandsTls(HttpRequestMessage request, HttpResponseMessage response) =>
        TargetOf(request, response) is { Scheme: "https" } target
        && request.RequestUri is { Scheme: "http" } uri
        && target.IdnHost.Equals(uri.IdnHost, StringComparison.OrdinalIgnoreCase)
        && target.Port == uri.Port
        && target.PathAndQuery == uri.PathAndQuery
        && response.StatusCode is not HttpStatusCode.SeeOther
        && !IsForcedToGet(response.StatusCode, request.Method);

    /// <summary>Retargets the request and drops credentials meant for the previous origin.</summary>
    public static void Apply(HttpRequestMessage request, HttpStatusCode status, Uri target)
    {
        request.Headers.Authorization = null;
        request.RequestUri = target;
        if (IsForcedToGet(status, request.Method))
        {
            request.Method = HttpMethod.Get;
            request.Content = null;
            if (request.Headers.TransferEncodingChunked == true)
            {
                request.Headers.TransferEncodingChunked = false;
            }
        }
    }

    private static bool IsForcedToGet(HttpStatusCode status, HttpMethod method) => status switch
    {
        HttpStatusCode.MultipleChoices or HttpStatusCode.MovedPermanently or HttpStatusCode.Found => method == HttpMethod.Post,
        HttpStatusCode.SeeOther => method != HttpMethod.Get && method != HttpMethod.Head,
        _ => false,
    };

    private static bool IsSecure(Uri uri) => uri.Scheme is "https" or "wss";
}
