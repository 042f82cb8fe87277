using System.Buffers;
using System.Net.Security;
using System.Text;
using KestrelTlsUpgrade.Connections.Pipes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// The response to a client that began with TLS and speaks HTTP/1.1 where only HTTP/2 is served. Nothing preceded TLS on this connection,
/// so responding is safe. Serving it would let an attacker pass it off as an upgraded one.
/// </summary>
internal static class Http1Refusal
{
    /// <summary>How long a client may take to close after the response.</summary>
    private static readonly TimeSpan HangUpTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The longest time that a timer accepts. Kestrel stores an infinite timeout as <see cref="TimeSpan.MaxValue"/>.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(49);

    private const int MaxDiscarded = 64 * 1024;

    private const string Explanation =
        "This endpoint serves https only over HTTP/2 (TlsUpgradeOptions.DirectTls = Http2Only).\n"
        + "Use a client that speaks HTTP/2, upgrade a plaintext connection (RFC 2817), or have the server set DirectTls = Any.\n";

    private static readonly byte[] Head = Encoding.ASCII.GetBytes(
        "HTTP/1.1 505 HTTP Version Not Supported\r\n"
        + "Connection: close\r\n"
        + "Content-Type: text/plain; charset=utf-8\r\n"
        + $"Content-Length: {Explanation.Length}\r\n\r\n");

    private static readonly byte[] Content = Encoding.ASCII.GetBytes(Explanation);

    /// <summary>Waits for the request, responds, ends TLS, and waits for the client to close, so that it receives the response.</summary>
    public static async Task AnswerAsync(
        ConnectionContext connection, SslStream stream, TimeSpan requestTimeout, TimeProvider timeProvider)
    {
        var shutdown = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var deadline = new CancellationTokenSource(requestTimeout < LongestTimeout ? requestTimeout : LongestTimeout, timeProvider);
        using var asking = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, shutdown);
        var transport = connection.Transport;
        try
        {
            var read = await transport.Input.ReadAsync(asking.Token);
            if (read.Buffer.IsEmpty)
            {
                return;
            }

            var isHead = IsHeadRequest(read.Buffer);
            transport.Input.AdvanceTo(read.Buffer.End);
            deadline.CancelAfter(HangUpTimeout);
            transport.Output.Write(Head);
            await transport.Output.WriteAsync(isHead ? ReadOnlyMemory<byte>.Empty : Content, deadline.Token);
            await CloseNotify.SendAsync(stream, connection.ConnectionClosed);
            await Drain.RunAsync(transport.Input, MaxDiscarded, deadline.Token);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client is gone or too slow, or the server is shutting down.
        }
    }

    private static bool IsHeadRequest(ReadOnlySequence<byte> request) =>
        new SequenceReader<byte>(request).IsNext("HEAD "u8);
}
