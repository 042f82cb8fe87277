namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>How an attempt to upgrade a connection ended.</summary>
internal enum UpgradeOutcome
{
    Upgraded,
    Refused,
    Failed,
    TimedOut,
    Canceled,
}
