using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Observation;
using KestrelTlsUpgrade.Internal.Switching;
using KestrelTlsUpgrade.Internal.Switching.Handshakes;

namespace KestrelTlsUpgrade.Internal.Arrival;

/// <summary>The settings of an endpoint at one time: how it judges connections, and its TLS.</summary>
/// <param name="Policy">Which offers are accepted.</param>
/// <param name="Rules">Which TLS clients are served.</param>
/// <param name="Arrival">Looks at the first bytes.</param>
/// <param name="Tls">TLS, followed by the endpoint's HTTP.</param>
/// <param name="Observers">Learn what becomes of connections.</param>
internal sealed record EndpointSettings(
    UpgradePolicy Policy, ClientRules Rules, ConnectionArrival Arrival, TlsHandshake Tls, TlsUpgradeObservers Observers);
