using System.Net.Security;
using System.Security.Authentication;

namespace KestrelTlsUpgrade.Testing;

/// <summary>The upgrade in one step, for tests whose subject is what follows it.</summary>
internal static class RawConnectionUpgradeExtensions
{
    /// <summary>A request that asks for an upgrade.</summary>
    public static string Request(
        string method = "GET", string target = "/x", string host = "localhost", string token = "TLS/1.2", string fields = "") =>
        $"{method} {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: {token}\r\nConnection: Upgrade\r\n{fields}\r\n";

    /// <summary>The Upgrade field of a client that announces its mark.</summary>
    public const string HintedToken = "TLS/1.2, http/1.1-upgraded";

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

    /// <summary>
    /// Asks for an upgrade and reads the 101, and starts TLS, which is refused: the answer to the ClientHello is an alert, and nothing
    /// else comes. Returns the alert's number.
    /// </summary>
    public static async Task<int> UpgradeRefusedAsync(
        this RawConnection connection, string? request = null, string? serverName = "localhost", params SslApplicationProtocol[] alpn)
    {
        await connection.SendAsync(request ?? Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        return await connection.StartTlsRefusedAsync(serverName, alpn);
    }

    /// <summary>Starts TLS, which is refused by an alert in answer to the ClientHello. Returns the alert's number.</summary>
    public static async Task<int> StartTlsRefusedAsync(
        this RawConnection connection, string? serverName = "localhost", params SslApplicationProtocol[] alpn)
    {
        var before = connection.Wire.Received.Length;
        await Assert.ThrowsAsync<AuthenticationException>(() => connection.StartTlsAsync(serverName, alpn.Length == 0 ? null : alpn));
        var answer = connection.Wire.Received[before..];
        Assert.Equal([0x15, 0x03, 0x03, 0x00, 0x02, 0x02], answer[..6]);
        Assert.Equal(7, answer.Length);
        return answer[6];
    }
}
