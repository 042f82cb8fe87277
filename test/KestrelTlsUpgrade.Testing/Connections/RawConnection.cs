using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>A client connection whose every byte the test decides.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    /// <summary>No test is meant to wait this long: it turns a hang into a failure.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private readonly CancellationTokenSource _timeout = new(Patience);
    private Stream _stream;

    private RawConnection(Socket socket)
    {
        _socket = socket;
        Wire = new TapStream(new NetworkStream(socket, ownsSocket: true));
        _stream = Wire;
    }

    public TapStream Wire { get; }

    public SslStream? Tls { get; private set; }

    /// <summary>How much of the ClientHello goes into each record, if it is to be cut.</summary>
    public int? HelloRecordSize { get; set; }

    public Socket Socket => _socket;

    /// <summary>Whether TLS ended with a close_notify of the server, after a read to the end.</summary>
    public bool GotCloseNotify { get; private set; }

    /// <param name="endPoint">The server.</param>
    /// <param name="from">The address that the server sees; one of 127.0.0.0/8.</param>
    public static async Task<RawConnection> OpenAsync(EndPoint endPoint, IPAddress? from = null)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, endPoint is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        if (endPoint is IPEndPoint)
        {
            socket.NoDelay = true;
        }

        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(endPoint);
        return new RawConnection(socket);
    }

    /// <summary>Starts the patience anew. For a connection that a test uses for as long as something else takes.</summary>
    public void StayPatient() => _timeout.CancelAfter(Patience);

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes, _timeout.Token);

    /// <summary>Ends the sending side of the TCP connection.</summary>
    public void Shutdown() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection with a TCP reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    /// <summary>Starts TLS on the connection as it is. No ALPN unless it is asked for.</summary>
    public async Task StartTlsAsync(
        string? serverName = "localhost",
        SslApplicationProtocol[]? alpn = null,
        SslProtocols versions = SslProtocols.None,
        Action<SslClientAuthenticationOptions>? configure = null)
    {
        var options = new SslClientAuthenticationOptions
        {
            // An address is never sent as a server name.
            TargetHost = serverName ?? "127.0.0.1",
            EnabledSslProtocols = versions,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ApplicationProtocols = alpn?.ToList(),
        };
        configure?.Invoke(options);
        Tls = new SslStream(HelloRecordSize is { } size ? new HelloCuttingStream(Wire, size) : Wire);
        await Tls.AuthenticateAsClientAsync(options, _timeout.Token);
        _stream = Tls;
    }

    /// <summary>Reads a response: its head, and its content where it has any.</summary>
    public async Task<RawResponse> ReadResponseAsync(bool toHead = false)
    {
        var head = (await ReadHeadAsync()).Split("\r\n");
        var fields = head.Skip(1).TakeWhile(line => line.Length > 0)
            .Select(line => line.Split(':', 2)).Select(parts => (parts[0], parts[1].Trim())).ToArray();
        var response = new RawResponse(head[0], fields, "");
        if (toHead || response.Status is < 200 or 204 or 304)
        {
            return response;
        }

        var content = response["Transfer-Encoding"] == "chunked" ? await ReadChunksAsync()
            : response["Content-Length"] is { } length
                ? await ReadTextAsync(int.Parse(length, System.Globalization.CultureInfo.InvariantCulture))
            : await ReadToEndAsync();
        return response with { Content = content };
    }

    /// <summary>Reads to the end of the connection. A reset is an end too.</summary>
    public async Task<string> ReadToEndAsync() => Encoding.Latin1.GetString(await ReadBytesToEndAsync());

    public async Task<byte[]> ReadBytesToEndAsync()
    {
        var (bytes, isClean) = await _stream.ReadToEndAsync(_timeout.Token);
        if (isClean)
        {
            GotCloseNotify = Tls is not null && !Wire.HasEnded;
        }

        return bytes;
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, _timeout.Token);
        return bytes;
    }

    /// <summary>Reads a head byte by byte, so that nothing that follows it is lost to what comes next.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!EndsHead(head))
        {
            if (await _stream.ReadAsync(one, _timeout.Token) == 0)
            {
                throw new EndOfStreamException($"The connection ended in a response head: '{head}'.");
            }

            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (Tls is not null)
        {
            await Tls.DisposeAsync();
        }

        await Wire.DisposeAsync();
        _timeout.Dispose();
    }

    private static bool EndsHead(StringBuilder head) =>
        head.Length >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r';

    private async Task<string> ReadTextAsync(int length) => Encoding.Latin1.GetString(await ReadAsync(length));

    private async Task<string> ReadChunksAsync()
    {
        var content = new StringBuilder();
        while (true)
        {
            var size = new StringBuilder();
            while (size.Length < 2 || size[^1] != '\n')
            {
                size.Append(await ReadTextAsync(1));
            }

            var length = int.Parse(size.ToString().Trim(), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
            content.Append(await ReadTextAsync(length));
            await ReadTextAsync(2);
            if (length == 0)
            {
                return content.ToString();
            }
        }
    }
}
