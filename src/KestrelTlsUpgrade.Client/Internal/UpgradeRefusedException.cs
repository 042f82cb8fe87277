using System.Net;

namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>The server or the proxy refused the upgrade. Nothing failed, and clear text may follow if the mode allows it.</summary>
internal sealed class UpgradeRefusedException(
    HttpRequestError error, string message, Exception? innerException = null, HttpStatusCode? statusCode = null)
    : UpgradeException(error, message, innerException, statusCode)
{
    /// <summary>Whether the connection can continue in clear text.</summary>
    public bool IsConnectionUsable { get; init; }

    public override bool LeavesClearText => true;

    public override bool IsLasting => RetryAfter is null && !IsPassing;

    /// <summary>How long the peer wants to be left alone (RFC 9110 section 10.2.3), if it said so.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Whether the status says that the peer cannot answer now, so that it says nothing about upgrades. A server error does, except that a
    /// method is not implemented or a version not supported.
    /// </summary>
    private bool IsPassing => StatusCode
        is HttpStatusCode.RequestTimeout or (HttpStatusCode)425 or HttpStatusCode.TooManyRequests
        or (>= HttpStatusCode.InternalServerError and not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported));

    /// <summary>How long to remember the refusal.</summary>
    /// <param name="limit">How long to remember one that lasts.</param>
    public TimeSpan LifetimeWithin(TimeSpan limit) => RetryAfter switch
    {
        null => IsPassing ? TimeSpan.Zero : limit,
        { } wait => limit == Timeout.InfiniteTimeSpan || wait < limit ? wait : limit,
    };
}
