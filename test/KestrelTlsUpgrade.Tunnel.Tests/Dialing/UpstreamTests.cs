using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Dialing;

public sealed class UpstreamTests
{
    /// <summary>TLS that has failed in one direction cannot be shut down in the other, and what it then throws depends on its library.</summary>
    [Fact]
    public async Task EndSendingAsync_TlsHasFailed_StillEndsTheConnection()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndpoint, TestContext.Current.CancellationToken);
        using var upstream = new Upstream(socket);
        using var other = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await using var wire = new NetworkStream(other);
        await using var server = new SslStream(wire);
        var tls = new SslStream(upstream.Stream, leaveInnerStreamOpen: false, static (_, _, _, _) => true);
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(TestCertificates.Server),
            tls.AuthenticateAsClientAsync("localhost"));
        using var secured = upstream.WithTls(tls);

        await wire.WriteAsync("\u0017\u0003\u0003\0\u0020 no ciphertext, but a record of 32"u8.ToArray(), TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<IOException>(() => secured.Stream.ReadAsync(new byte[16], TestContext.Current.CancellationToken).AsTask());
        await secured.EndSendingAsync();
        Assert.Equal(0, await DrainAsync(wire));
    }

    private static async Task<int> DrainAsync(NetworkStream wire)
    {
        var buffer = new byte[4096];
        int count;
        while ((count = await wire.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0)
        {
        }

        return count;
    }
}
