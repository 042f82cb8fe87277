namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Why the offer of a plaintext request was declined. The request is then answered in clear text.</summary>
internal enum DeclineReason
{
    /// <summary>Not declined, or the request offers no TLS.</summary>
    None,

    /// <summary><see cref="TlsUpgradeOffers.None"/>, or the endpoint has been disabled since accept.</summary>
    NoneAccepted,

    /// <summary><see cref="TlsUpgradeOffers.WhereRequired"/>, and the resource does not require TLS.</summary>
    NotRequired,

    /// <summary><see cref="TlsUpgradeOptions.OffersFrom"/> does not admit the caller.</summary>
    CallerExcluded,

    /// <summary><see cref="TlsUpgradeOptions.AcceptOffer"/> said no.</summary>
    ByCode,

    /// <summary>TLS has failed for the caller within <see cref="TlsUpgradeOptions.FallbackLifetime"/>.</summary>
    FellBack,

    /// <summary>The caller's first upgrade is still under way, and may fail.</summary>
    FirstUnderWay,

    /// <summary>Other instances have not told in time whether TLS works for the caller.</summary>
    NotKnown,

    /// <summary><see cref="TlsUpgradeClientMode.AwareOnly"/>, and the offer does not announce a marked handshake.</summary>
    Unmarked,

    /// <summary><see cref="TlsUpgradeOptions.StrictTokens"/>, and no offered version is enabled.</summary>
    NoVersion,

    /// <summary>The request shows an intermediary.</summary>
    BehindProxy,

    /// <summary>A request that is never upgraded: with content, an unsafe method, or an https target.</summary>
    NotUpgradable,

    /// <summary>A limit is reached, of upgraded connections or of the request's head.</summary>
    LimitReached,
}
