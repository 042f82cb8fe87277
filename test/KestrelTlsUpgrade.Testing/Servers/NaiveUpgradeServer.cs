using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>
/// RFC 2817 to the letter and no further, as Apache httpd and CUPS do it: whoever does a handshake after the 101 is served, and
/// the first response answers the request in clear text. It proves that the attack of the tests works.
/// </summary>
internal sealed class NaiveUpgradeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private int _answers;

    /// <summary>How many connections got an answer inside TLS.</summary>
    public int Answers => Volatile.Read(ref _answers);

    public NaiveUpgradeServer()
    {
        _listener.Start();
        _work = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
        }

        await Task.WhenAll(connections);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                var target = await ReadTargetAsync(stream);
                while (target == "/before")
                {
                    await AnswerAsync(stream, target);
                    target = await ReadTargetAsync(stream);
                }

                await WriteAsync(stream, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n");
                await using var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions
                    {
                        ServerCertificate = TestCertificates.Server,
                        ApplicationProtocols = [SslApplicationProtocol.Http11],
                    },
                    _stop.Token);
                Interlocked.Increment(ref _answers);
                await AnswerAsync(tls, target);
                await AnswerAsync(tls, await ReadTargetAsync(tls));
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
            }
        }
    }

    private Task AnswerAsync(Stream stream, string target) => WriteAsync(
        stream, $"HTTP/1.1 200 OK\r\nX-Request: {target}\r\nContent-Type: text/plain\r\nContent-Length: {target.Length + 11}\r\n\r\nX-Request: {target}");

    private Task WriteAsync(Stream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text), _stop.Token).AsTask();

    /// <summary>Reads a head and returns what it asks for; nothing at the end of the connection.</summary>
    private async Task<string> ReadTargetAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
            {
                return "";
            }

            head.Append((char)one[0]);
        }

        return head.ToString().Split(' ')[1];
    }
}
