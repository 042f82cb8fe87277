using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace KestrelTlsUpgrade.Client.Tests.EndToEnd;

/// <summary>Every mode of the client with every kind of server.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CombinatorialModesAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) => new([
        .. from mode in Enum.GetValues<TlsUpgradeMode>()
           from clients in Enum.GetValues<TlsUpgradeClientMode>()
           select new TheoryDataRow<TlsUpgradeMode, TlsUpgradeClientMode>(mode, clients),
    ]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
