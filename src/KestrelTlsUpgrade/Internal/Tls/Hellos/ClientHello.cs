using System.Security.Authentication;

namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>What a ClientHello says, as far as it decides who is served (RFC 8446 section 4.1.2).</summary>
internal sealed class ClientHello
{
    /// <summary>The server name (RFC 6066 section 3) as it was sent, or <see langword="null"/> if there was none.</summary>
    public string? ServerName { get; set; }

    /// <summary>Whether ALPN offers <c>h2</c>.</summary>
    public bool OffersHttp2 { get; set; }

    /// <summary>Whether ALPN offers <c>h2</c>, <c>h3</c> or <c>h2c</c>: no client that upgraded has a reason to.</summary>
    public bool OffersLaterHttp { get; set; }

    /// <summary>Whether ALPN offers <c>http/1.1</c>.</summary>
    public bool OffersHttp11 { get; set; }

    /// <summary>Whether ALPN offers the mark that is bound to no request.</summary>
    public bool HasPlainMark { get; set; }

    /// <summary>The mark that is bound to a request, or <see langword="null"/> if ALPN offers none.</summary>
    public string? BoundMark { get; set; }

    /// <summary>Whether ALPN offers more than one bound mark, which cannot all be of the same request.</summary>
    public bool HasSeveralBoundMarks { get; set; }

    /// <summary>Whether there is a mark of any kind.</summary>
    public bool HasMark => HasPlainMark || BoundMark is not null;

    /// <summary>Whether it has values that are reserved to be ignored (RFC 8701), as browsers send them.</summary>
    public bool HasGrease { get; set; }

    /// <summary>Whether it has the extension of Encrypted Client Hello (RFC 9849), real or not, as browsers send it.</summary>
    public bool HasEncryptedHello { get; set; }

    /// <summary>The TLS versions on offer.</summary>
    public SslProtocols Versions { get; set; }
}
