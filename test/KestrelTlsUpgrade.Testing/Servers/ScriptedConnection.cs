using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>The server's end of a connection, whose every byte the test decides.</summary>
internal sealed class ScriptedConnection : IAsyncDisposable
{
    public const string Switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n";
    public const string EmptyOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private readonly CancellationTokenSource _timeout = new(RawConnection.Patience);
    private readonly ConcurrentQueue<string> _heads = new();
    private readonly Socket _socket;
    private Stream _stream;

    public ScriptedConnection(Socket socket, int number)
    {
        _socket = socket;
        Number = number;
        Wire = new TapStream(new NetworkStream(socket, ownsSocket: true));
        _stream = Wire;
    }

    /// <summary>Which connection of its server it is, from zero.</summary>
    public int Number { get; }

    public TapStream Wire { get; }

    public SslStream? Tls { get; private set; }

    /// <summary>How many bytes the client has sent that nobody has read.</summary>
    public int Available => _socket.Available;

    /// <summary>The heads of the requests that were read, in clear text and inside TLS.</summary>
    public IReadOnlyList<string> Heads => [.. _heads];

    /// <summary>Whether the client ended TLS with close_notify, after a read to the end.</summary>
    public bool GotCloseNotify { get; private set; }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes, _timeout.Token);
        await _stream.FlushAsync(_timeout.Token);
    }

    /// <summary>Reads a head byte by byte. Empty at the end of the connection.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await _stream.ReadAsync(one, _timeout.Token) == 0)
            {
                return "";
            }

            head.Append((char)one[0]);
        }

        _heads.Enqueue(head.ToString());
        return head.ToString();
    }

    public async Task<string> ReadTextAsync(int length)
    {
        var bytes = new byte[length];
        await _stream.ReadExactlyAsync(bytes, _timeout.Token);
        return Encoding.Latin1.GetString(bytes);
    }

    /// <summary>Reads what there is, at least one byte.</summary>
    public async Task<byte[]> ReadSomeAsync()
    {
        var buffer = new byte[4096];
        var count = await _stream.ReadAsync(buffer, _timeout.Token);
        return buffer[..count];
    }

    /// <summary>Reads to the end of the connection. A reset is an end too.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        var (bytes, isClean) = await _stream.ReadToEndAsync(_timeout.Token);
        if (isClean)
        {
            GotCloseNotify = Tls is not null && !Wire.HasEnded;
        }

        return bytes;
    }

    /// <summary>Reads the request for the upgrade, agrees and starts TLS.</summary>
    public async Task<string> UpgradeAsync(string? switching = null, Action<SslServerAuthenticationOptions>? configure = null)
    {
        var head = await ReadHeadAsync();
        await SendAsync(switching ?? Switching);
        await StartTlsAsync(configure);
        return head;
    }

    /// <summary>As <see cref="UpgradeAsync"/>, and answers the request inside TLS.</summary>
    public async Task UpgradeAndAnswerAsync(string? answer = null, Action<SslServerAuthenticationOptions>? configure = null)
    {
        await UpgradeAsync(configure: configure);
        await SendAsync(answer ?? EmptyOk);
    }

    public async Task StartTlsAsync(Action<SslServerAuthenticationOptions>? configure = null)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificate = TestCertificates.Server,
            ApplicationProtocols = [new(TlsUpgradeProtocol.AlpnProtocolId), SslApplicationProtocol.Http11],
        };
        configure?.Invoke(options);
        Tls = new SslStream(Wire);
        await Tls.AuthenticateAsServerAsync(options, _timeout.Token);
        _stream = Tls;
    }

    /// <summary>As <see cref="UpgradeAndAnswerAsync"/>, for a tunnel that runs inside TLS already.</summary>
    public async Task UpgradeInsideTlsAsync()
    {
        await ReadHeadAsync();
        await SendAsync(Switching);
        var inner = new SslStream(_stream);
        await inner.AuthenticateAsServerAsync(TestCertificates.Server);
        _stream = inner;
        await SendAsync(EmptyOk);
    }

    /// <summary>Answers requests in order, until the client is gone.</summary>
    public async Task ServeAsync(string response)
    {
        while ((await ReadHeadAsync()).Length > 0)
        {
            await SendAsync(response);
        }
    }

    /// <summary>Answers one request.</summary>
    public async Task ServeOnceAsync(string response)
    {
        await ReadHeadAsync();
        await SendAsync(response);
    }

    /// <summary>Ends the sending side of TCP, with no word of TLS.</summary>
    public void ShutdownTcp() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection with a TCP reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    public async Task CloseTlsAsync() => await Tls!.ShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await Wire.DisposeAsync();
        _timeout.Dispose();
    }
}
