using KestrelTlsUpgrade.Internal.Arrival;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Switching;
using KestrelTlsUpgrade.Internal.Switching.Handshakes;
using TlsStart = KestrelTlsUpgrade.Internal.Observation.TlsStart;

namespace KestrelTlsUpgrade.Tests.Support;

internal static class HandshakeWatches
{
    public static ClientRules DefaultRules { get; } = new(UpgradeClients.Compatible, DirectTlsMode.Http2Only, false);

    public static HandshakeWatch Create(TlsStart start, ClientRules? rules = null) => new(
        startedAt: 0,
        start is TlsStart.FirstByte ? null : Upgrade(isFirst: start is TlsStart.FirstRequest),
        rules ?? DefaultRules,
        new ActiveSettings());

    public static UpgradeRequest Upgrade(
        string head = "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", string host = "localhost", bool isFirst = true, bool isHinted = true) =>
        new(UpgradeToken.Tls12, host, System.Text.Encoding.ASCII.GetBytes(head), isFirst, isHinted);
}
