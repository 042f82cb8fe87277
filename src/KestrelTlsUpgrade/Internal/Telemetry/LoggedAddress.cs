using System.Net;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>The client's address in a log line, where <see cref="TlsUpgradeOptions.LogClientAddresses"/> allows it.</summary>
internal static class LoggedAddress
{
    /// <summary>The address, to be put behind the connection's id; empty if it is not logged.</summary>
    public static string Of(ConnectionContext connection) =>
        UpgradeConnection.Of(connection.Features) is { Settings.Options.LogClientAddresses: true }
        && CallerRules.Unmap(connection.RemoteEndPoint) is IPEndPoint { Address: var address }
            ? $" from {address}"
            : "";
}
