using System.Security.Authentication;

namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>The parts of a ClientHello that decide whether its client is served (RFC 8446 section 4.1.2).</summary>
internal sealed class ClientHello
{
    /// <summary>The server name (RFC 6066 section 3) as sent, or <see langword="null"/> if there was none.</summary>
    public string? ServerName { get; set; }

    /// <summary>Whether ALPN offers <c>h2</c>.</summary>
    public bool OffersHttp2 { get; set; }

    /// <summary>Whether ALPN offers <c>h2</c>, <c>h3</c> or <c>h2c</c>. No client that upgraded has a reason to.</summary>
    public bool OffersLaterHttp { get; set; }

    /// <summary>Whether ALPN offers <c>http/1.1</c>.</summary>
    public bool OffersHttp11 { get; set; }

    /// <summary>Whether ALPN offers the plain mark, which is not bound to a request.</summary>
    public bool HasPlainMark { get; set; }

    /// <summary>The mark that is bound to a request, or <see langword="null"/> if ALPN offers none.</summary>
    public string? BoundMark { get; set; }

    /// <summary>Whether ALPN offers more than one bound mark. They cannot all belong to the same request.</summary>
    public bool HasSeveralBoundMarks { get; set; }

    /// <summary>Whether ALPN offers a mark of either kind.</summary>
    public bool HasMark => HasPlainMark || BoundMark is not null;

    /// <summary>Whether it has GREASE values (RFC 8701), as browsers send them.</summary>
    public bool HasGrease { get; set; }

    /// <summary>Whether it has the Encrypted Client Hello extension (RFC 9849), real or GREASE, as browsers send it.</summary>
    public bool HasEncryptedHello { get; set; }

    /// <summary>The offered TLS versions.</summary>
    public SslProtocols Versions { get; set; }
}
