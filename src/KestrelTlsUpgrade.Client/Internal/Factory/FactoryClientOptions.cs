namespace KestrelTlsUpgrade.Client.Internal.Factory;

/// <summary>Options of each client of a factory, by its name.</summary>
internal sealed class FactoryClientOptions
{
    /// <summary>Whether <c>UseTlsUpgrade</c> was called for the client, or for all clients.</summary>
    public bool IsUpgraded { get; set; }
}
