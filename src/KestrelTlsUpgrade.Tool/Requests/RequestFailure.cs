using System.Net.Sockets;
using System.Security.Authentication;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>Maps a failed request to an exit code and a message.</summary>
internal static class RequestFailure
{
    public static int ExitCodeOf(HttpRequestException exception) => exception.HttpRequestError switch
    {
        // With a status, the server answered and refused; without one, TLS itself failed.
        HttpRequestError.SecureConnectionError => exception.StatusCode is null ? ExitCode.TlsFailed : ExitCode.NotUpgraded,
        HttpRequestError.NameResolutionError or HttpRequestError.ProxyTunnelError => ExitCode.Unreachable,

        // TLS to a proxy is a part of connecting.
        HttpRequestError.ConnectionError when IsOfTls(exception) => ExitCode.TlsFailed,

        // A connection that breaks during the upgrade ends up here as well.
        HttpRequestError.ConnectionError when !IsBrokenOff(exception) => ExitCode.Unreachable,
        _ => ExitCode.ExchangeFailed,
    };

    private static bool IsOfTls(Exception exception)
    {
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is AuthenticationException)
            {
                return true;
            }
        }

        return false;
    }

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
