using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Benchmarks;

/// <summary>One client connection after the other, each operation checked.</summary>
internal sealed class LoadClient(IPEndPoint server)
{
    private static readonly byte[] Request = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    private static readonly byte[] UpgradeRequest =
        "GET /x HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n"u8.ToArray();

    private static readonly SslClientAuthenticationOptions Tls = new()
    {
        TargetHost = "localhost",
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };

    private readonly byte[] _buffer = new byte[4096];

    /// <summary>Repeats an operation until the time is up. Returns how often it did.</summary>
    public async Task<long> RunAsync(Load load, CancellationToken timeUp)
    {
        if (load >= Load.HttpClientUpgraded)
        {
            return await HttpClientLoad.RunAsync(server, load, timeUp);
        }

        var count = 0L;
        if (load is Load.KeepAlive)
        {
            await using var stream = await ConnectAsync(server);
            for (; !timeUp.IsCancellationRequested; count++)
            {
                await AskAsync(stream, Request);
            }

            return count;
        }

        for (; !timeUp.IsCancellationRequested; count++)
        {
            await ConnectAndAskAsync(load);
        }

        return count;
    }

    private async Task ConnectAndAskAsync(Load load)
    {
        await using var stream = await ConnectAsync(server);
        if (load is Load.NewPlaintext or Load.UpgradeLater)
        {
            await AskAsync(stream, Request);
        }

        if (load is Load.NewPlaintext)
        {
            return;
        }

        if (load is not Load.NewTls)
        {
            await stream.WriteAsync(UpgradeRequest);
            await ReadAsync(stream, "HTTP/1.1 101", "\r\n\r\n");
        }

        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(Tls);
        if (load is Load.NewTls)
        {
            await tls.WriteAsync(Request);
        }

        await ReadAsync(tls, "HTTP/1.1 200", "Hello, World!");
    }

    public static async Task<NetworkStream> ConnectAsync(IPEndPoint server)
    {
        var socket = CreateSocket();
        await socket.ConnectAsync(server);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Whose connection leaves nothing behind.</summary>
    public static Socket CreateSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,

        // A reset at the end keeps ten thousands of connections from lingering in the kernel.
        LingerState = new LingerOption(enable: true, seconds: 0),
    };

    private async Task AskAsync(Stream stream, byte[] request)
    {
        await stream.WriteAsync(request);
        await ReadAsync(stream, "HTTP/1.1 200", "Hello, World!");
    }

    private async Task ReadAsync(Stream stream, string start, string end)
    {
        var length = 0;
        while (!EndsWith(length, end))
        {
            var count = await stream.ReadAsync(_buffer.AsMemory(length));
            length += count > 0 ? count : throw new EndOfStreamException();
        }

        if (!Contains(0, start))
        {
            throw new InvalidDataException(System.Text.Encoding.Latin1.GetString(_buffer, 0, length));
        }
    }

    private bool EndsWith(int length, string end) => length >= end.Length && Contains(length - end.Length, end);

    private bool Contains(int offset, string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (_buffer[offset + i] != text[i])
            {
                return false;
            }
        }

        return true;
    }
}
