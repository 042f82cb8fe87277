using System.Net;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>The server's role: HTTP/2 over TLS from the first byte.</summary>
internal sealed class Http2Exchange(bool isHasty) : HttpClientExchange(isHasty)
{
    private UpgradeServer? _server;

    public override string Expected => "GET /first https DirectTls False .|POST /last https DirectTls False content.|";

    public override IPEndPoint Server => _server!.EndPoint;

    /// <summary>Kestrel alone says good-bye on TLS that is broken, logs an error as it cannot, and never returns what it had to say.</summary>
    public override bool OutlivesInsertions => false;

    public override async Task StartAsync() => _server = Own(await TestedServer.StartAsync(Open(), IsHasty ? Haste : null));

    public override async Task<string> RunAsync(IPEndPoint link, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var client = new HttpClient(handler)
        {
            Timeout = RequestTimeout,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        await using var stop = cancellationToken.UnsafeRegister(static state => ((HttpClient)state!).CancelPendingRequests(), client);
        var uri = $"https://localhost:{link.Port}/";
        return await SendAsync(client, HttpMethod.Get, uri + "first") + await SendAsync(client, HttpMethod.Post, uri + "last", "content");
    }

    /// <summary>What the platform's client does not tell is not ours to ask for.</summary>
    public override bool IsCleanFailure(Exception exception) =>
        exception is HttpRequestException or OperationCanceledException || base.IsCleanFailure(exception);
}
