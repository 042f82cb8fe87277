using System.Net;
using System.Security.Authentication;

namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>
/// Why a connection was not upgraded. Passes through the connection pool, which wraps exceptions it does not know, and leaves the handler
/// as an <see cref="HttpRequestException"/>.
/// </summary>
internal class UpgradeException : Exception
{
    public UpgradeException(HttpRequestError error, string message, Exception? innerException = null, HttpStatusCode? statusCode = null)
        : base(message, innerException)
    {
        Error = error;
        StatusCode = statusCode;
    }

    public HttpRequestError Error { get; }

    public HttpStatusCode? StatusCode { get; }

    /// <summary>
    /// Whether the peer hung up or stayed silent instead of answering. Nothing but the offer has been sent, so clear text may follow if the
    /// mode allows it.
    /// </summary>
    public bool IsUnanswered { get; init; }

    /// <summary>Whether it is the proxy that failed, which says nothing about the origin.</summary>
    public bool IsOfProxy { get; init; }

    /// <summary>Whether the request may be sent in clear text instead, if the mode allows it: no handshake has failed.</summary>
    public virtual bool LeavesClearText => IsUnanswered;

    /// <summary>Whether another attempt in a moment would fail in the same way: TLS was rejected, and not cut by the network.</summary>
    public virtual bool IsLasting => Error is HttpRequestError.SecureConnectionError
        && (IsOfProxy ? InnerException?.InnerException : InnerException) is null or AuthenticationException;

    /// <summary>The exception that the caller gets.</summary>
    public virtual Exception ToCallerException()
    {
        var exception = new HttpRequestException(Error, Message, InnerException, StatusCode);
        return IsLasting ? LastingFailure.Mark(exception) : exception;
    }
}
