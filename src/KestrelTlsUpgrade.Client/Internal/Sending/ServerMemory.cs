namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>What a client remembers of servers.</summary>
internal sealed class ServerMemory
{
    /// <summary>Origins that do not upgrade, so they get no offers, and their advertisements are not believed.</summary>
    public OriginMemory Refusals { get; } = new();

    /// <summary>Origins that required or advertised the upgrade (<see cref="TlsUpgradeMode.OnDemand"/>).</summary>
    public OriginMemory Demands { get; } = new();
}
