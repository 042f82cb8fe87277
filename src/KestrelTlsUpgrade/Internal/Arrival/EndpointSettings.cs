using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Observation;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Arrival;

/// <summary>What is in force on an endpoint: how it judges connections, and TLS as it is set up.</summary>
/// <param name="Policy">What is accepted.</param>
/// <param name="Arrival">Looks at the first bytes.</param>
/// <param name="Tls">TLS, followed by the endpoint's HTTP.</param>
/// <param name="Observers">Is told what becomes of connections.</param>
internal sealed record EndpointSettings(
    UpgradePolicy Policy, ConnectionArrival Arrival, ConnectionDelegate Tls, TlsUpgradeObservers Observers);
