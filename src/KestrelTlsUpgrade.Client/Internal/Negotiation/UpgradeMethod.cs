namespace KestrelTlsUpgrade.Client.Internal.Negotiation;

/// <summary>The requests that an upgrade is asked for with.</summary>
internal enum UpgradeMethod
{
    Options,
    Head,
}
