using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Soak.Report;
using KestrelTlsUpgrade.Soak.Server;

namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>One HttpClient after the other, with some requests of each.</summary>
internal sealed class HttpClientLoad(ConnectionKind kind, Target target, Ledger ledger)
{
    private const int MostRequests = 200;

    /// <summary>Requests at a time.</summary>
    public int Width { get; } = kind is ConnectionKind.DirectTlsHttp2 ? 4 : 1;

    public async Task RunAsync(CancellationToken timeUp)
    {
        var random = new Random();
        while (!timeUp.IsCancellationRequested)
        {
            using var client = CreateClient();
            for (var i = random.Next(MostRequests); i >= 0 && !timeUp.IsCancellationRequested; i -= Width)
            {
                await Task.WhenAll(Enumerable.Range(0, Width).Select(_ => AskAsync(client, isHeld: false)));
                await Pause.TakeAsync(random);
            }
        }
    }

    /// <summary>Sends as many requests whose responses end after the server's stop has begun.</summary>
    public async Task HoldAsync()
    {
        using var client = CreateClient();
        await Task.WhenAll(Enumerable.Range(0, Width).Select(_ => AskAsync(client, isHeld: true)));
    }

    private async Task AskAsync(HttpClient client, bool isHeld)
    {
        var exchange = Exchange.Next();
        try
        {
            ledger.AddSent();
            var start = Stopwatch.GetTimestamp();
            using var request = CreateRequest(exchange);
            if (isHeld)
            {
                request.Headers.Add(SoakApplication.Hold, "until stop");
            }

            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
            await using var content = await response.Content.ReadAsStreamAsync(CancellationToken.None);
            var hash = Convert.ToHexString(await SHA256.HashDataAsync(content, CancellationToken.None));
            Check(exchange, response, hash);
            ledger.AddResponse(isHeld ? ConnectionKind.InFlightAtStop : kind, Stopwatch.GetElapsedTime(start));
        }
        catch (Exception exception)
        {
            ledger.AddFailure(kind, $"{exchange.Method} {exchange.Target}, {exchange.Length} bytes", exception);
            await Task.Delay(100, CancellationToken.None);
        }
    }

    private void Check(Exchange exchange, HttpResponseMessage response, string hash)
    {
        var upgrade = response.GetTlsUpgradeInfo();
        var arrival = response.Headers.TryGetValues(SoakApplication.Arrival, out var values) ? string.Join(", ", values) : "";
        var isHttp2 = kind is ConnectionKind.DirectTlsHttp2;
        if (response.StatusCode is not HttpStatusCode.OK
            || response.Version != (isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11)
            || arrival != (isHttp2 ? "DirectTls" : "Upgraded")
            || upgrade.IsUpgraded == isHttp2
            || upgrade.IsTunnelled != kind is ConnectionKind.ClientTunnel)
        {
            throw new InvalidDataException($"The response is wrong: {response}");
        }

        if (hash != exchange.ResponseHash)
        {
            throw new InvalidDataException("The content is wrong.");
        }
    }

    private HttpRequestMessage CreateRequest(Exchange exchange)
    {
        var isHttp2 = kind is ConnectionKind.DirectTlsHttp2;
        var origin = $"{(isHttp2 ? "https" : "http")}://localhost:{target.Web.Port}";
        return new HttpRequestMessage(new HttpMethod(exchange.Method), origin + exchange.Target)
        {
            Version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = exchange.IsUpload ? new UploadContent(exchange) : null,
        };
    }

    private HttpClient CreateClient() => new(kind is ConnectionKind.DirectTlsHttp2 ? CreateHttp2() : CreateUpgrading())
    {
        Timeout = TimeSpan.FromMinutes(1),
    };

    private SocketsHttpHandler CreateHttp2()
    {
        var handler = new SocketsHttpHandler { SslOptions = target.CreateTls(), UseProxy = false };
        Configure(handler);
        return handler;
    }

    private TlsUpgradeHttpHandler CreateUpgrading()
    {
        var tls = target.CreateTls();
        tls.TargetHost = null;
        return new TlsUpgradeHttpHandler(new TlsUpgradeClientOptions
        {
            SslOptions = tls,
            UpgradeTimeout = TimeSpan.FromMinutes(1),
            ConfigureHandler = handler =>
            {
                handler.UseProxy = kind is ConnectionKind.ClientTunnel;
                handler.Proxy = handler.UseProxy ? new WebProxy(target.Tunnel.Address.ToString(), target.Tunnel.Port) : null;
                Configure(handler);
            },
        });
    }

    private static void Configure(SocketsHttpHandler handler)
    {
        // A server that is to stop waits for longer: it never closes a connection that is about to be used.
        handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1);

        // A tunnel through the old server may lead to the new one, which has no reason to end it.
        handler.PooledConnectionLifetime = TimeSpan.FromSeconds(5);
    }
}
