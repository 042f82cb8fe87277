using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Somebody on the path who reads everything, and changes nothing.</summary>
internal sealed class RecordingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<MemoryStream> _requests = new();
    private readonly ConcurrentQueue<MemoryStream> _answers = new();
    private readonly Task _work;

    public RecordingRelay(IPEndPoint server)
    {
        _listener.Start();
        _work = RelayAsync(server);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often the server has sent a text as it is.</summary>
    public int Count(string text) => Count(_answers, text);

    /// <summary>How often clients have sent a text as it is.</summary>
    public int CountRequested(string text) => Count(_requests, text);

    /// <summary>The heads that the server has sent in clear text and that begin so, each up to its empty line.</summary>
    public IReadOnlyList<string> FindHeads(string start) => [.. _answers.SelectMany(answers =>
    {
        lock (answers)
        {
            var text = Encoding.Latin1.GetString(answers.GetBuffer(), 0, (int)answers.Length);
            return text.Split(start)[1..].Select(rest => start + rest[..rest.IndexOf("\r\n\r\n", StringComparison.Ordinal)]);
        }
    })];

    public Task WaitForAsync(string text, int count = 1) => Settling.UntilAsync(() => Count(text) >= count, () => $"{Count(text)} times {text}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _listener.Dispose();
        _stop.Dispose();
    }

    private static int Count(IEnumerable<MemoryStream> recorded, string text) => recorded.Sum(bytes =>
    {
        lock (bytes)
        {
            return bytes.GetBuffer().AsSpan(0, (int)bytes.Length).Count(Encoding.UTF8.GetBytes(text));
        }
    });

    private async Task RelayAsync(IPEndPoint server)
    {
        var relays = new List<Task>();
        try
        {
            while (true)
            {
                relays.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_stop.Token), server));
            }
        }
        catch (OperationCanceledException)
        {
        }

        await Task.WhenAll(relays);
    }

    private async Task RelayAsync(TcpClient client, IPEndPoint server)
    {
        using (client)
        using (var connection = new TcpClient())
        {
            try
            {
                await connection.ConnectAsync(server, _stop.Token);
                await await Task.WhenAny(
                    RecordAsync(client.GetStream(), connection.GetStream(), _requests),
                    RecordAsync(connection.GetStream(), client.GetStream(), _answers));
            }
            catch (IOException)
            {
                // Whoever is left gets a reset, too. A NetworkStream would end the connection in good order first.
                client.LingerState = connection.LingerState = new(enable: true, seconds: 0);
                client.Client.Close();
                connection.Client.Close();
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
            }
        }
    }

    private async Task RecordAsync(NetworkStream from, NetworkStream to, ConcurrentQueue<MemoryStream> record)
    {
        var recorded = new MemoryStream();
        record.Enqueue(recorded);
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await from.ReadAsync(buffer, _stop.Token)) > 0)
        {
            lock (recorded)
            {
                recorded.Write(buffer, 0, count);
            }

            await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }
}
