using System.Net.Sockets;
using System.Security.Authentication;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>Describes in one line why an attempt failed.</summary>
internal static class FailureText
{
    /// <summary>The line, or <see langword="null"/> for an exception that a server cannot cause.</summary>
    public static string? TryDescribe(Exception exception) => exception switch
    {
        ProbeException => exception.Message,
        TlsNotOfferedException => "this platform does not offer it",
        SocketException socket => Describe(socket),
        IOException { InnerException: SocketException socket } => Describe(socket),
        AuthenticationException => Describe(exception.GetBaseException()),
        HttpRequestException { InnerException: { } inner } when TryDescribe(inner) is { } line => line,
        HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError } => "the server does not select it in ALPN",
        IOException or HttpRequestException => Describe(exception),
        _ => null,
    };

    private static string Describe(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.ConnectionReset => "the server reset the connection",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the host's name has no address",
        SocketError.TimedOut => "the connection timed out",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "there is no way to the host",
        _ => FirstLine(exception.Message),
    };

    private static string Describe(Exception exception) => FirstLine(exception.Message);

    private static string FirstLine(string message) => message.ReplaceLineEndings("\n").Split('\n')[0];
}
