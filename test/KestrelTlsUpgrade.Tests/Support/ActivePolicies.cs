using KestrelTlsUpgrade.Internal.Arrival;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Observation;

namespace KestrelTlsUpgrade.Tests.Support;

internal static class ActivePolicies
{
    /// <summary>Active settings with a policy and no TLS.</summary>
    public static ActiveSettings Of(UpgradePolicy policy) => new()
    {
        Current = new(policy, HandshakeWatches.DefaultRules, new(policy, directTls: true, TimeProvider.System), null!, new TlsUpgradeObservers([])),
    };
}
