using System.Net;
using System.Net.Security;
using KestrelTlsUpgrade.Client;

namespace KestrelTlsUpgrade.Benchmarks;

/// <summary>Requests of HttpClient, each checked: over upgraded connections, or over https with the platform's own handler.</summary>
internal static class HttpClientLoad
{
    /// <summary>Repeats a request until the time is up. Returns how often it did.</summary>
    public static async Task<long> RunAsync(IPEndPoint server, Load load, CancellationToken timeUp)
    {
        var isUpgraded = load is Load.HttpClientUpgraded or Load.HttpClientNewUpgraded;
        using var client = new HttpClient(isUpgraded ? CreateUpgrading() : CreateHttps());
        client.DefaultRequestHeaders.ConnectionClose = load is Load.HttpClientNewUpgraded or Load.HttpClientNewHttps;
        var uri = new Uri($"{(isUpgraded ? "http" : "https")}://localhost:{server.Port}/x");
        var count = 0L;
        for (; !timeUp.IsCancellationRequested; count++)
        {
            using var response = await client.GetAsync(uri, CancellationToken.None);
            if (await response.Content.ReadAsStringAsync(CancellationToken.None) != "Hello, World!"
                || response.GetTlsUpgradeInfo().IsUpgraded != isUpgraded)
            {
                throw new InvalidDataException(response.ToString());
            }
        }

        return count;
    }

    private static SslClientAuthenticationOptions CreateTls() => new()
    {
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };

    private static TlsUpgradeHttpHandler CreateUpgrading() => new(new TlsUpgradeClientOptions
    {
        SslOptions = CreateTls(),
        ConfigureHandler = static handler =>
        {
            handler.UseProxy = false;
            handler.UseCookies = false;
            handler.ConnectCallback = ConnectAsync;
        },
    });

    private static SocketsHttpHandler CreateHttps() => new()
    {
        SslOptions = CreateTls(),
        UseProxy = false,
        UseCookies = false,
        ConnectCallback = ConnectAsync,
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        await LoadClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port));
}
