using System.Net;

namespace KestrelTlsUpgrade.Testing;

/// <summary>
/// HttpClient whose every connection has been upgraded by <c>OPTIONS *</c> before it is used: for tests of what applications do
/// on an upgraded connection. Its URIs are http://.
/// </summary>
internal static class UpgradingHttpHandler
{
    public static SocketsHttpHandler Create(EndPoint server) => new()
    {
        UseCookies = false,
        ConnectCallback = async (_, _) =>
        {
            var connection = await RawConnection.OpenAsync(server);
            await connection.UpgradeAsync(RawConnectionUpgradeExtensions.Request("OPTIONS", "*"));
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            return connection.Tls!;
        },
    };
}
