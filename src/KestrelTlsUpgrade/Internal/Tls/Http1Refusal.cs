using System.Buffers;
using System.Text;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
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
        + "Use a client that speaks HTTP/2, upgrade a plaintext connection (RFC 2817), or have the server set AcceptedClients = AwareOnly "
        + "and then DirectTls = Any.\n");

    /// <summary>How much of the request is searched for its User-Agent field.</summary>
    private const int MaxSearched = 4096;

    /// <summary>Waits for the request and responds.</summary>
    public static async Task AnswerAsync(ConnectionContext connection, TimeSpan requestTimeout, ConnectionServices services)
    {
        var request = await ReceiveAsync(connection, requestTimeout, services.TimeProvider);
        services.Observers.DirectHttp1Refused(connection, request?.UserAgent ?? "");
        if (request is not null)
        {
            await SendAsync(connection, request.IsHead, services);
        }
    }

    private static async Task<Request?> ReceiveAsync(ConnectionContext connection, TimeSpan timeout, TimeProvider timeProvider)
    {
        var shutdown = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var deadline = new CancellationTokenSource(timeout < LongestTimeout ? timeout : LongestTimeout, timeProvider);
        using var asking = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, shutdown);
        var input = connection.Transport.Input;
        try
        {
            var read = await input.ReadAsync(asking.Token);
            var request = read.Buffer.IsEmpty ? null : Request.Of(read.Buffer);
            input.AdvanceTo(read.Buffer.End);
            return request;
        }
        catch (Exception exception) when (IsOfTheConnection(exception))
        {
            return null;
        }
    }

    private static async Task SendAsync(ConnectionContext connection, bool isHead, ConnectionServices services)
    {
        using var deadline = new CancellationTokenSource(ResponseTimeout, services.TimeProvider);
        var output = connection.Transport.Output;
        try
        {
            var response = services.IsDevelopment ? ForDevelopers : ForClients;
            output.Write(response.Head);
            await output.WriteAsync(isHead ? ReadOnlyMemory<byte>.Empty : response.Content, deadline.Token);
        }
        catch (Exception exception) when (IsOfTheConnection(exception))
        {
        }
    }

    /// <summary>The client is gone or too slow, or the server is shutting down.</summary>
    private static bool IsOfTheConnection(Exception exception) =>
        exception is IOException or InvalidOperationException or OperationCanceledException;

    /// <summary>What has to be known of a request, from what has arrived of it.</summary>
    private sealed record Request(bool IsHead, string UserAgent)
    {
        public static Request Of(ReadOnlySequence<byte> received)
        {
            var start = received.Slice(0, Math.Min(received.Length, MaxSearched)).ToArray();
            return new(start.AsSpan().StartsWith("HEAD "u8), UserAgentField.Read(start));
        }
    }

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
