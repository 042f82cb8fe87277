using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>What is told of a connection.</summary>
/// <param name="Connection">The connection itself.</param>
/// <param name="Outcome">How it ended up.</param>
/// <param name="Start">Where TLS began.</param>
/// <param name="Cause">Why not, for <see cref="ConnectionOutcome.Refused"/> and <see cref="ConnectionOutcome.Failed"/>.</param>
/// <param name="Version">The version of TLS, where it stood.</param>
/// <param name="Duration">From the offer, or the first byte, until TLS stood or had failed; zero where there was none.</param>
internal readonly record struct ConnectionResult(
    ConnectionContext Connection,
    ConnectionOutcome Outcome,
    TlsStart Start = TlsStart.None,
    FailureCause Cause = FailureCause.None,
    SslProtocols Version = SslProtocols.None,
    TimeSpan Duration = default);
