using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>A connection that has had its first response.</summary>
internal sealed class LoadConnection : IAsyncDisposable
{
    /// <summary>What a response must fit in, but for a large content.</summary>
    public const int BufferLength = 4096;

    private const string OkStart = "HTTP/1.1 200";
    private const string SmallContent = "Hello, World!";

    private readonly LoadTarget _target;
    private readonly byte[] _buffer;
    private Stream _stream;

    private LoadConnection(LoadTarget target, byte[] buffer, Stream stream)
    {
        _target = target;
        _buffer = buffer;
        _stream = stream;
    }

    /// <param name="target">The server.</param>
    /// <param name="opening">What comes before the first response.</param>
    /// <param name="resumes">Whether a TLS session is resumed where there is one.</param>
    /// <param name="buffer">What the connection has for itself until it ends: <see cref="BufferLength"/>.</param>
    public static async Task<LoadConnection> OpenAsync(LoadTarget target, Opening opening, bool resumes, byte[] buffer)
    {
        var socket = LoadSocket.Create();
        HandshakeStream stream;
        try
        {
            await socket.ConnectAsync(target.EndPoint);
            stream = new HandshakeStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var connection = new LoadConnection(target, buffer, stream);
        try
        {
            await connection.OpenAsync(opening, stream, resumes ? target.ResumingTls : target.FullTls);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    /// <summary>A request with a small response.</summary>
    public async Task AskAsync()
    {
        await _stream.WriteAsync(_target.SmallRequest);
        await ReadAsync(OkStart, SmallContent);
    }

    /// <summary>A request with a large response. Returns how much came until the time was up.</summary>
    public async Task<double> DownloadAsync(Deadline deadline, byte[] buffer)
    {
        await _stream.WriteAsync(_target.LargeRequest);
        var length = 0;
        int headLength;
        while ((headLength = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            length += await ReadSomeAsync(buffer.AsMemory(length));
        }

        Check(buffer.AsSpan(0, length), OkStart);
        var received = length - headLength - 4;
        while (received < LoadTarget.LargeLength && !deadline.IsOver)
        {
            received += await ReadSomeAsync(buffer);
        }

        return received <= LoadTarget.LargeLength
            ? received
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{received} bytes came."));
    }

    /// <summary>A large request. Returns how much was sent until the time was up.</summary>
    public async Task<double> UploadAsync(Deadline deadline, ReadOnlyMemory<byte> part)
    {
        await _stream.WriteAsync(_target.UploadRequest);
        var sent = 0;
        do
        {
            var length = Math.Min(part.Length, LoadTarget.UploadLength - sent);
            await _stream.WriteAsync(part[..length]);
            sent += length;
        }
        while (sent < LoadTarget.UploadLength && !deadline.IsOver);

        if (sent == LoadTarget.UploadLength)
        {
            await ReadAsync(OkStart, SmallContent);
        }

        return sent;
    }

    private async Task OpenAsync(Opening opening, HandshakeStream stream, SslClientAuthenticationOptions options)
    {
        if (opening is Opening.Plaintext or Opening.UpgradeLater)
        {
            await AskAsync();
        }

        if (opening is Opening.Plaintext)
        {
            return;
        }

        if (opening is not Opening.Tls)
        {
            await stream.WriteAsync(_target.UpgradeRequest);
            await ReadAsync("HTTP/1.1 101", "\r\n\r\n");
        }

        var tls = new SslStream(stream);
        _stream = tls;
        stream.Watch();
        await tls.AuthenticateAsClientAsync(options);
        if (tls.SslProtocol is not SslProtocols.Tls13)
        {
            throw new InvalidDataException($"TLS 1.3 was expected, not {tls.SslProtocol}.");
        }

        _target.CountHandshake(ServerHello.IsResumed(stream.First));
        if (opening is Opening.Tls)
        {
            await tls.WriteAsync(_target.SmallRequest);
        }

        await ReadAsync(OkStart, SmallContent);
    }

    private async Task ReadAsync(string start, string end)
    {
        var length = 0;
        while (!EndsWith(_buffer.AsSpan(0, length), end))
        {
            length += await ReadSomeAsync(_buffer.AsMemory(length));
        }

        Check(_buffer.AsSpan(0, length), start);
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> buffer)
    {
        var count = await _stream.ReadAsync(buffer);
        return count > 0 ? count : throw new EndOfStreamException();
    }

    private static bool EndsWith(ReadOnlySpan<byte> bytes, string text) =>
        bytes.Length >= text.Length && Ascii.Equals(bytes[^text.Length..], text);

    private static void Check(ReadOnlySpan<byte> response, string start)
    {
        if (response.Length < start.Length || !Ascii.Equals(response[..start.Length], start))
        {
            throw new InvalidDataException(Encoding.Latin1.GetString(response));
        }
    }
}
