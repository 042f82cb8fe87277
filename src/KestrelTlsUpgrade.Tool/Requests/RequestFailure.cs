namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>What a failed request comes to.</summary>
internal static class RequestFailure
{
    public static int ExitCodeOf(HttpRequestException exception) => exception.HttpRequestError switch
    {
        // With a status the server has spoken, and refused; without one TLS itself has failed.
        HttpRequestError.SecureConnectionError => exception.StatusCode is null ? ExitCode.TlsFailed : ExitCode.NotUpgraded,
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError => ExitCode.Unreachable,
        _ => ExitCode.ExchangeFailed,
    };

    public static string Describe(HttpRequestException exception) =>
        exception.HttpRequestError is HttpRequestError.Unknown && exception.InnerException is { } inner
            ? $"{exception.Message} {inner.Message}"
            : exception.Message;
}
