using System.Net;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>The client's address in a log line, where <see cref="TlsUpgradeOptions.LogClientAddresses"/> allows it.</summary>
internal static class LoggedAddress
{
    /// <summary>The address, to be put behind the connection's id; empty if it is not logged.</summary>
    public static string Of(EndPoint? client, bool isAllowed) =>
        isAllowed && CallerRules.Unmap(client) is IPEndPoint { Address: var address } ? $" from {address}" : "";
}
