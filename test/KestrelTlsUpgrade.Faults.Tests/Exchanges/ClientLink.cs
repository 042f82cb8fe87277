namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>Where the link is on the way of a client.</summary>
internal enum ClientLink
{
    /// <summary>Before the server; there is no proxy.</summary>
    Direct,

    /// <summary>Between the client and a proxy.</summary>
    ToProxy,

    /// <summary>Between the proxy and the server.</summary>
    BehindProxy,
}
