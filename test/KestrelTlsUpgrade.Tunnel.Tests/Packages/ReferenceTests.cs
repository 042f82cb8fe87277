namespace KestrelTlsUpgrade.Tunnel.Tests.Packages;

/// <summary>Which of our assemblies the tunnel needs: the upgrade is not among them.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void Assembly_References_NoOtherPackage() => Assert.Equal(
        ["KestrelTlsUpgrade.Connections"],
        typeof(ConnectTunnelOptions).Assembly.GetReferencedAssemblies().Select(static name => name.Name!)
            .Where(static name => name.StartsWith("KestrelTlsUpgrade", StringComparison.Ordinal)));
}
