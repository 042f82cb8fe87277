using System.Buffers;
using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Benchmarks.Micro;

/// <summary>What clients send, and what an endpoint accepts by default.</summary>
internal static class Samples
{
    /// <summary>As curl sends it.</summary>
    public static ReadOnlySequence<byte> PlainHead { get; } =
        new("GET /index.html HTTP/1.1\r\nHost: printer.example:631\r\nUser-Agent: curl/8.14.1\r\nAccept: */*\r\n\r\n"u8.ToArray());

    /// <summary>As CUPS sends it.</summary>
    public static ReadOnlySequence<byte> UpgradeHead { get; } = new(
        "OPTIONS * HTTP/1.1\r\nConnection: Upgrade\r\nHost: printer.example:631\r\nUpgrade: TLS/1.2,TLS/1.1,TLS/1.0\r\nUser-Agent: CUPS/2.4.2 (Linux 6.1; x86_64) IPP/2.0\r\n\r\n"u8.ToArray());

    /// <summary>The beginning of a ClientHello.</summary>
    public static ReadOnlySequence<byte> ClientHello { get; } = new([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03, .. new byte[506]]);

    /// <summary>A connection in clear text to an upgrade endpoint, as requests see it.</summary>
    public static UpgradeConnection CreatePlaintextConnection()
    {
        var connection = UpgradeConnections.Create(policy: CreatePolicy());
        connection.Plaintext = new(connection);
        return connection;
    }

    public static UpgradePolicy CreatePolicy(TlsUpgradeAdvertisement advertise = TlsUpgradeAdvertisement.Never) => new()
    {
        EnabledVersions = SslProtocols.Tls12 | SslProtocols.Tls13,
        Offers = TlsUpgradeOffers.All,
        StrictTokens = false,
        AllowBehindProxy = false,
        PassOptionsAsterisk = false,
        NeedsHint = false,
        Advertise = advertise,
        ServesDirectTls = true,
        IsDirectTlsHttp2Only = false,
        RedirectBrowsers = true,
        Limits = new KestrelServerLimits(),
    };
}
