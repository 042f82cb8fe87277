namespace KestrelTlsUpgrade.TestApp;

/// <summary>Metadata of the application's own.</summary>
public sealed class OwnMetadata : IRequireTlsUpgradeMetadata
{
    public bool Required => true;
}
