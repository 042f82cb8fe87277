using System.Net;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade;

/// <summary>Describes an offer to upgrade that the settings allow.</summary>
public sealed class TlsUpgradeOfferContext
{
    internal TlsUpgradeOfferContext(HttpContext httpContext, EndPoint? caller, string token, bool isHinted)
    {
        HttpContext = httpContext;
        Caller = caller;
        Token = token;
        IsAwareClient = isHinted;
    }

    /// <summary>Gets the request that has the offer, before any middleware has seen it. It has no content.</summary>
    public HttpContext HttpContext { get; }

    /// <summary>Gets the address of the connection's other end.</summary>
    /// <value>An <see cref="IPEndPoint"/> on TCP. An IPv4-mapped IPv6 address is an IPv4 address here.</value>
    public EndPoint? Caller { get; }

    /// <summary>Gets the token that would be accepted, such as <c>TLS/1.2</c>.</summary>
    public string Token { get; }

    /// <summary>Gets whether the client announces a marked handshake. Not proven before the handshake.</summary>
    public bool IsAwareClient { get; }
}
