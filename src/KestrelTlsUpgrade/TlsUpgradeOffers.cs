namespace KestrelTlsUpgrade;

/// <summary>Which offers to upgrade (RFC 2817 section 3) an endpoint accepts. Declined offers are served in clear text, as without an offer.</summary>
public enum TlsUpgradeOffers
{
    /// <summary>
    /// None. Offers are only counted, to learn who makes them. Also for endpoints that serve plaintext HTTP and https on one port, without an
    /// upgrade.
    /// </summary>
    None,

    /// <summary>
    /// Offers in <c>OPTIONS *</c>, which ask for nothing but the upgrade (RFC 2817 section 3.2), and in requests for resources that require
    /// TLS. Clients that offer an upgrade with every request are served in clear text elsewhere.
    /// </summary>
    WhereRequired,

    /// <summary>All offers.</summary>
    All,
}
