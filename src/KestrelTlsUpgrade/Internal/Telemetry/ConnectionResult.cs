using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>The reported result of a connection.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Start">Where TLS started.</param>
/// <param name="Cause">The cause, for <see cref="ConnectionOutcome.Refused"/> and <see cref="ConnectionOutcome.Failed"/>.</param>
/// <param name="Version">The TLS version, if the handshake completed.</param>
/// <param name="Duration">Time from the offer or the first byte until the handshake completed or failed; zero without a handshake.</param>
internal readonly record struct ConnectionResult(
    ConnectionContext Connection,
    ConnectionOutcome Outcome,
    TlsStart Start = TlsStart.None,
    FailureCause Cause = FailureCause.None,
    SslProtocols Version = SslProtocols.None,
    TimeSpan Duration = default);
