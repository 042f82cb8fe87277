using System.Buffers;
using System.Text;
using KestrelTlsUpgrade.Internal.Middleware;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// The response to a client that began with TLS and speaks HTTP/1.1 where only HTTP/2 is served. Nothing preceded TLS on this connection,
/// so responding is safe. Serving it would let an attacker pass it off as an upgraded one.
/// </summary>
internal static class Http1Refusal
{
    /// <summary>How long the response may take to be sent.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The longest time that a timer accepts. Kestrel stores an infinite timeout as <see cref="TimeSpan.MaxValue"/>.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(49);

    /// <summary>What a client can do.</summary>
    private static readonly Response ForClients = new(
        "This endpoint serves https only over HTTP/2.\n"
        + "Use a client that speaks HTTP/2, or upgrade a plaintext connection (RFC 2817).\n");

    /// <summary>What the developer of the application can do.</summary>
    private static readonly Response ForDevelopers = new(
        "This endpoint serves https only over HTTP/2 (TlsUpgradeOptions.DirectTls = Http2Only).\n"
        + "Use a client that speaks HTTP/2, upgrade a plaintext connection (RFC 2817), or have the server set DirectTls = Any.\n");

    /// <summary>Waits for the request and responds.</summary>
    public static async Task AnswerAsync(ConnectionContext connection, TimeSpan requestTimeout, ConnectionServices services)
    {
        var shutdown = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var deadline = new CancellationTokenSource(requestTimeout < LongestTimeout ? requestTimeout : LongestTimeout, services.TimeProvider);
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
            deadline.CancelAfter(ResponseTimeout);
            var response = services.IsDevelopment ? ForDevelopers : ForClients;
            transport.Output.Write(response.Head);
            await transport.Output.WriteAsync(isHead ? ReadOnlyMemory<byte>.Empty : response.Content, deadline.Token);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client is gone or too slow, or the server is shutting down.
        }
    }

    private static bool IsHeadRequest(ReadOnlySequence<byte> request) =>
        new SequenceReader<byte>(request).IsNext("HEAD "u8);

    private sealed class Response(string explanation)
    {
        public byte[] Head { get; } = Encoding.ASCII.GetBytes(
            "HTTP/1.1 505 HTTP Version Not Supported\r\n"
            + "Connection: close\r\n"
            + "Content-Type: text/plain; charset=utf-8\r\n"
            + $"Content-Length: {explanation.Length}\r\n\r\n");

        public byte[] Content { get; } = Encoding.ASCII.GetBytes(explanation);
    }
}
