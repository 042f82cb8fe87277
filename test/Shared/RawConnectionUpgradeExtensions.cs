using System.Net.Security;

namespace KestrelTlsUpgrade.Testing;

/// <summary>The upgrade in one step, for tests whose subject is what follows it.</summary>
internal static class RawConnectionUpgradeExtensions
{
    /// <summary>A request that asks for an upgrade.</summary>
    public static string Request(
        string method = "GET", string target = "/x", string host = "localhost", string token = "TLS/1.2", string fields = "") =>
        $"{method} {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: {token}\r\nConnection: Upgrade\r\n{fields}\r\n";

    /// <summary>Has a first request answered in clear text, so that the next one is a later one.</summary>
    public static async Task<RawConnection> AfterAsync(this Task<RawConnection> opening, bool later)
    {
        var connection = await opening;
        if (later)
        {
            await connection.SendAsync("GET /before HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }

        return connection;
    }

    /// <summary>Asks for an upgrade, reads the 101 and starts TLS. The answer to the request is still to be read.</summary>
    public static async Task<RawResponse> UpgradeAsync(
        this RawConnection connection, string? request = null, string? serverName = "localhost", params SslApplicationProtocol[] alpn)
    {
        await connection.SendAsync(request ?? Request());
        var switching = await connection.ReadResponseAsync();
        Assert.Equal(101, switching.Status);
        await connection.StartTlsAsync(serverName, alpn.Length == 0 ? null : alpn);
        return switching;
    }
}
