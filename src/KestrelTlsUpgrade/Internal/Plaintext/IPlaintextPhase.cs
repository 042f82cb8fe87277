using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Internal.Plaintext;

/// <summary>
/// How the HTTP part reaches the connection that a request arrived on. In the features of requests in clear text to an
/// upgrade endpoint, and only there.
/// </summary>
internal interface IPlaintextPhase
{
    /// <summary>What the endpoint accepts now, or <see langword="null"/> while its upgrade is switched off.</summary>
    UpgradePolicy? Policy { get; }

    /// <summary>Whether a response on this connection has told the client that it can upgrade.</summary>
    bool IsAdvertised { get; set; }

    /// <summary>Whether bytes behind the request are no longer on the transport, where the TLS handshake would meet them.</summary>
    bool HasReadAhead();

    /// <summary>Notes that TLS follows when Kestrel is done with the request; <see langword="null"/> takes that back.</summary>
    void SwitchTo(UpgradeRequest? upgrade);
}
