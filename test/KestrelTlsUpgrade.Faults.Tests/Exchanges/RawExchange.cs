using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>The server's role: a client that says byte for byte what the test wants, and a server with the middleware.</summary>
internal sealed class RawExchange(
    bool isHasty, string expected, Func<RawConnection, Task<string>> talk, Action<TlsUpgradeOptions>? upgrade = null) : Exchange(isHasty)
{
    private UpgradeServer? _server;

    public override string Expected => expected;

    public override IPEndPoint Server => _server!.EndPoint;

    public override async Task StartAsync() => _server = Own(await TestedServer.StartAsync(Open(), IsHasty ? Haste : null, upgrade));

    public override Task<string> RunAsync(IPEndPoint link, CancellationToken cancellationToken) => RunAsync(link, talk, cancellationToken);

    public override bool IsCleanFailure(Exception exception) => IsEnd(exception);

    public static async Task<string> RunAsync(IPEndPoint link, Func<RawConnection, Task<string>> talk, CancellationToken cancellationToken)
    {
        await using var connection = await RawConnection.OpenAsync(link);
        await using var reset = cancellationToken.UnsafeRegister(static state => ((RawConnection)state!).Reset(), connection);
        return await talk(connection);
    }

    /// <summary>Whether the connection ended, seen from a client like this.</summary>
    public static bool IsEnd(Exception exception) =>
        exception is IOException or SocketException or AuthenticationException or ObjectDisposedException or GivenUpException;
}
