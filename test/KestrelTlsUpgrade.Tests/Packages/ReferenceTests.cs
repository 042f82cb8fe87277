using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.ProxyProtocol;
using KestrelTlsUpgrade.Report.Internal;

namespace KestrelTlsUpgrade.Tests.Packages;

/// <summary>Which of our assemblies each of them needs. An application with one package gets no other than these.</summary>
public sealed class ReferenceTests
{
    [Theory]
    [InlineData(typeof(TlsUpgradeEndpoint), "KestrelTlsUpgrade.Connections")]
    [InlineData(typeof(ProxyProtocolOptions), "KestrelTlsUpgrade.Connections")]
    [InlineData(typeof(ReportEndpoint), "KestrelTlsUpgrade", "KestrelTlsUpgrade.Connections")]
    public void Assembly_References_NoOtherPackage(Type type, params string[] expected) => Assert.Equal(
        expected,
        type.Assembly.GetReferencedAssemblies().Select(static name => name.Name!).Where(static name => name.StartsWith("KestrelTlsUpgrade", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Fact]
    public void Connections_HasNoPublicTypes() =>
        Assert.Empty(typeof(Connections.CallerLogLimiter).Assembly.GetExportedTypes());
}
