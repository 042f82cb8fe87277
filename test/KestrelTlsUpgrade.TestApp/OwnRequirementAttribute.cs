namespace KestrelTlsUpgrade.TestApp;

/// <summary>Metadata of the application's own. It is no filter, so routing is all that enforces it.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OwnRequirementAttribute : Attribute, IRequireTlsUpgradeMetadata
{
    public bool Required => true;
}
