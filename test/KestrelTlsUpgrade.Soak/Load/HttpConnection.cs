using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>An HTTP/1.1 connection that repeats nothing and forgives nothing.</summary>
internal sealed class HttpConnection : IAsyncDisposable
{
    private const int BlockSize = 32 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _timeout = new();
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[4096];
    private Stream _stream;
    private int _start;
    private int _end;

    private HttpConnection(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    public static async Task<HttpConnection> OpenAsync(IPEndPoint server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server);
            return new HttpConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task StartTlsAsync(SslClientAuthenticationOptions options)
    {
        if (_start < _end)
        {
            throw new InvalidDataException("There are bytes in clear text behind the 101.");
        }

        var tls = new SslStream(_stream);
        _stream = tls;
        await WithinPatienceAsync(async timeout =>
        {
            await tls.AuthenticateAsClientAsync(options, timeout);
            return true;
        });
    }

    public Task SendAsync(string head) => SendAsync(Encoding.ASCII.GetBytes(head));

    public async Task SendChunkedAsync(ReadOnlyMemory<byte> block)
    {
        await SendAsync(string.Create(CultureInfo.InvariantCulture, $"{block.Length:x}\r\n"));
        await SendAsync(block);
        await SendAsync("\r\n");
    }

    public Task SendAsync(ReadOnlyMemory<byte> block) => WithinPatienceAsync(async timeout =>
    {
        await _stream.WriteAsync(block, timeout);
        return true;
    });

    public async Task<ResponseHead> ReadHeadAsync()
    {
        var head = new StringBuilder();
        for (var line = await ReadLineAsync(); line.Length > 0; line = await ReadLineAsync())
        {
            head.Append(line).Append("\r\n");
        }

        return ResponseHead.Parse(head.ToString());
    }

    /// <summary>Reads the content of a response to its end. Returns its hash.</summary>
    public async Task<string> ReadContentAsync(ResponseHead head)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (!head.IsChunked)
        {
            await ReadAsync(hash, head.Length ?? throw new InvalidDataException("The content has no length."));
            return Convert.ToHexString(hash.GetHashAndReset());
        }

        for (var length = await ReadChunkAsync(); length > 0; length = await ReadChunkAsync())
        {
            await ReadAsync(hash, length);
            await ReadEmptyLineAsync();
        }

        await ReadEmptyLineAsync();
        return Convert.ToHexString(hash.GetHashAndReset());

        async Task<long> ReadChunkAsync() => long.Parse(await ReadLineAsync(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>Waits for the orderly end of a connection that is not in use.</summary>
    public async Task ReadEndAsync()
    {
        if (_start < _end || await WithinPatienceAsync(async timeout => await _stream.ReadAsync(_buffer, timeout)) > 0)
        {
            throw new InvalidDataException("Bytes came instead of the end.");
        }
    }

    /// <summary>Ends the connection as clients do that crash.</summary>
    public void Reset() => _socket.Close(0);

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_socket.Connected && _stream is SslStream { IsAuthenticated: true } tls)
            {
                await tls.ShutdownAsync();
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The server has ended before.
        }

        await _stream.DisposeAsync();
        _socket.Dispose();
        _timeout.Dispose();
    }

    private async Task ReadEmptyLineAsync()
    {
        if ((await ReadLineAsync()).Length > 0)
        {
            throw new InvalidDataException("A chunk is longer than it said.");
        }
    }

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            await FillAsync();
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n') + 1;
            var part = Encoding.Latin1.GetString(_buffer, _start, length > 0 ? length : _end - _start);
            _start += part.Length;
            line.Append(part);
            if (length > 0)
            {
                return line.ToString(0, line.Length - 2);
            }
        }
    }

    private async Task ReadAsync(IncrementalHash hash, long length)
    {
        var count = (int)Math.Min(length, _end - _start);
        hash.AppendData(_buffer, _start, count);
        _start += count;

        // Ten thousand idle connections need no block for contents.
        var block = ArrayPool<byte>.Shared.Rent(BlockSize);
        for (length -= count; length > 0; length -= count)
        {
            count = await ReadAsync(block.AsMemory(0, (int)Math.Min(length, block.Length)));
            hash.AppendData(block, 0, count);
        }

        ArrayPool<byte>.Shared.Return(block);
    }

    private async ValueTask FillAsync()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
            _end = await ReadAsync(_buffer);
        }
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        var count = await WithinPatienceAsync(async timeout => await _stream.ReadAsync(buffer, timeout));
        return count > 0 ? count : throw new EndOfStreamException("The connection ended early.");
    }

    /// <summary>Only what is waited for has a limit, and not the time between.</summary>
    private async Task<T> WithinPatienceAsync<T>(Func<CancellationToken, Task<T>> act)
    {
        _timeout.CancelAfter(Patience);
        var result = await act(_timeout.Token);
        _timeout.CancelAfter(Timeout.InfiniteTimeSpan);
        return result;
    }
}
