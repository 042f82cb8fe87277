using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Support;

/// <summary>
/// An attacker on the path: it swaps the request in clear text for another one, and can hold back a TLS record of the server until the
/// client has sent one.
/// </summary>
internal sealed class SwappingRelay : IAsyncDisposable
{
    private readonly LoopbackListener _listener;
    private readonly IPEndPoint _server;
    private readonly Func<string, string> _swap;
    private readonly Func<int, bool> _holds;
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly TaskCompletionSource<long> _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="server">The server.</param>
    /// <param name="swap">Makes the head that the server gets of the one that the client sent.</param>
    /// <param name="holds">Whether a record of the server is held back, by the length of its fragment.</param>
    public SwappingRelay(IPEndPoint server, Func<string, string> swap, Func<int, bool>? holds = null)
    {
        _server = server;
        _swap = swap;
        _holds = holds ?? (static _ => false);
        _listener = new LoopbackListener(RelayAsync, IPAddress.Loopback);
    }

    public int Port => _listener.EndPoint.Port;

    /// <summary>The start lines of the requests that clients sent in clear text.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>Completes when a record is held back. How many octets the client has been sent before it.</summary>
    public Task<long> Held => _held.Task;

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _listener.ServedAsync();
    }

    private async Task RelayAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        await using var client = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await using var server = await Connect.ToAsync(_server, timeout.Token);
            var asked = await ReadHeadAsync(client, timeout.Token);
            _asked.Enqueue(asked.Split('\r')[0]);
            await server.WriteAsync(Encoding.Latin1.GetBytes(_swap(asked)), timeout.Token);
            var answer = await ReadHeadAsync(server, timeout.Token);
            await client.WriteAsync(Encoding.Latin1.GetBytes(answer), timeout.Token);
            if (answer.Contains(" 101 ", StringComparison.Ordinal))
            {
                await RelayTlsAsync(client, server, answer.Length, timeout.Token);
            }
            else
            {
                await Task.WhenAny(client.CopyToAsync(server, timeout.Token), server.CopyToAsync(client, timeout.Token));
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two has gone.
        }
    }

    private async Task RelayTlsAsync(NetworkStream client, NetworkStream server, long returned, CancellationToken cancellationToken)
    {
        var clientRecords = new SemaphoreSlim(0);
        var either = await Task.WhenAny(ForwardAllAsync(), ReturnAllAsync());
        await either;

        async Task ForwardAllAsync()
        {
            while (await ReadRecordAsync(client, cancellationToken) is { } record)
            {
                await server.WriteAsync(record, cancellationToken);
                clientRecords.Release();
            }
        }

        async Task ReturnAllAsync()
        {
            while (await ReadRecordAsync(server, cancellationToken) is { } record)
            {
                if (_holds(record.Length - 5))
                {
                    // What the client has sent so far was for the handshake, which the server has completed.
                    while (clientRecords.Wait(0, CancellationToken.None))
                    {
                    }

                    _held.TrySetResult(returned);
                    await clientRecords.WaitAsync(cancellationToken);
                }

                await client.WriteAsync(record, cancellationToken);
                returned += record.Length;
            }
        }
    }

    /// <summary>Reads a record with its header (RFC 8446 section 5.1). <see langword="null"/> at the end of the connection.</summary>
    private static async Task<byte[]?> ReadRecordAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var header = new byte[5];
        if (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken) < header.Length)
        {
            return null;
        }

        var record = new byte[header.Length + BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3))];
        header.CopyTo(record, 0);
        await stream.ReadExactlyAsync(record.AsMemory(header.Length), cancellationToken);
        return record;
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
