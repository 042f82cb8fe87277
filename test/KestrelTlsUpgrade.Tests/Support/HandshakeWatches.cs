using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Testing;
using TlsStart = KestrelTlsUpgrade.Internal.Telemetry.TlsStart;

namespace KestrelTlsUpgrade.Tests.Support;

internal static class HandshakeWatches
{
    public static HandshakeTrace Create(TlsStart start)
    {
        var connection = UpgradeConnections.Create();
        if (start is not TlsStart.FirstByte)
        {
            connection.Accept(Upgrade(isFirst: start is TlsStart.FirstRequest), connection.Settings);
        }

        return new(connection, startedAt: 0);
    }

    public static UpgradeRequest Upgrade(
        string head = "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", string host = "localhost", bool isFirst = true, bool isHinted = true) =>
        new(UpgradeToken.Tls12, host, System.Text.Encoding.ASCII.GetBytes(head), isFirst, isHinted);
}
