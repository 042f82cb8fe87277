namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>The upgrade tokens for TLS: the registered name <c>TLS</c>, with or without a version, in ascending order of version.</summary>
internal enum UpgradeToken
{
    None,
    AnyTls,
    Tls10,
    Tls11,
    Tls12,
    Tls13,
}
