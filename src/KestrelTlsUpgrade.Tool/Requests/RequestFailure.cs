using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>What a failed request comes to.</summary>
internal static class RequestFailure
{
    public static int ExitCodeOf(HttpRequestException exception) => exception.HttpRequestError switch
    {
        // With a status the server has spoken, and refused; without one TLS itself has failed.
        HttpRequestError.SecureConnectionError => exception.StatusCode is null ? ExitCode.TlsFailed : ExitCode.NotUpgraded,
        HttpRequestError.NameResolutionError or HttpRequestError.ProxyTunnelError => ExitCode.Unreachable,

        // It is also what becomes of a connection that was made and broke off in the upgrade.
        HttpRequestError.ConnectionError when !IsBrokenOff(exception) => ExitCode.Unreachable,
        _ => ExitCode.ExchangeFailed,
    };

    private static bool IsBrokenOff(Exception exception)
    {
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
            {
                return socket.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown;
            }
        }

        return true;
    }

    public static string Describe(HttpRequestException exception) =>
        exception.HttpRequestError is HttpRequestError.Unknown && exception.InnerException is { } inner
            ? $"{exception.Message} {inner.Message}"
            : exception.Message;
}
