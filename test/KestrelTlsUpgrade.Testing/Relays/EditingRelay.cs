using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Somebody on the path who edits the first request of each connection in clear text, and passes everything else on.</summary>
internal sealed class EditingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private int _connections;

    public EditingRelay(IPEndPoint server, Func<string, string> edit)
    {
        _listener.Start();
        _work = RelayAsync(server, edit);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections there were.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task RelayAsync(IPEndPoint server, Func<string, string> edit)
    {
        var relays = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                relays.Add(RelayAsync(client, server, edit));
            }
        }
        catch (OperationCanceledException)
        {
        }

        await Task.WhenAll(relays);
    }

    private async Task RelayAsync(TcpClient client, IPEndPoint server, Func<string, string> edit)
    {
        using (client)
        using (var connection = new TcpClient())
        {
            try
            {
                await connection.ConnectAsync(server, _stop.Token);
                var (stream, origin) = (client.GetStream(), connection.GetStream());
                await origin.WriteAsync(Encoding.Latin1.GetBytes(edit(await ReadHeadAsync(stream))), _stop.Token);
                await Task.WhenAny(stream.CopyToAsync(origin, _stop.Token), origin.CopyToAsync(stream, _stop.Token));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
            }
        }
    }

    /// <summary>Up to the empty line, or the end of the connection.</summary>
    private async Task<string> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var octet = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(octet, _stop.Token) > 0)
        {
            head.Append((char)octet[0]);
        }

        return head.ToString();
    }
}
