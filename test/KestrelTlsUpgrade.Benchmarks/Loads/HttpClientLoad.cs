using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.Client;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>Requests of HttpClient: over upgraded connections, or over https with the platform's own handler.</summary>
internal sealed record HttpClientLoad(bool IsUpgraded, bool IsNew) : Load
{
    public override string Unit => IsNew ? "connections" : "requests";

    public override int RoundTrips => (IsNew, IsUpgraded) switch
    {
        (false, _) => 1,
        (true, false) => 3,

        // Nothing of a request is sent before TLS, so there is an OPTIONS * to upgrade with.
        (true, true) => 4,
    };

    public override async Task<LoadResult> RunAsync(IPEndPoint server, int connections, TimeSpan duration, Action onReady)
    {
        var uri = new Uri($"{(IsUpgraded ? "http" : "https")}://localhost:{server.Port}/x");
        var clients = Enumerable.Range(0, connections).Select(_ => CreateClient()).ToArray();
        try
        {
            await Task.WhenAll(clients.Select(client => AskAsync(client, uri)));
            onReady();
            return await RunEachAsync(connections, duration, (index, deadline) => AskManyAsync(clients[index], uri, deadline));
        }
        finally
        {
            Array.ForEach(clients, static client => client.Dispose());
        }
    }

    private async Task<double> AskManyAsync(HttpClient client, Uri uri, Deadline deadline)
    {
        var count = 0;
        do
        {
            await AskAsync(client, uri);
            count++;
        }
        while (!deadline.IsOver);

        return count;
    }

    private async Task AskAsync(HttpClient client, Uri uri)
    {
        using var response = await client.GetAsync(uri);
        if (await response.Content.ReadAsStringAsync() != "Hello, World!" || response.GetTlsUpgradeInfo().IsUpgraded != IsUpgraded)
        {
            throw new InvalidDataException(response.ToString());
        }
    }

    private HttpClient CreateClient()
    {
        var client = new HttpClient(IsUpgraded ? CreateUpgrading() : CreateHttps());
        client.DefaultRequestHeaders.ConnectionClose = IsNew;
        return client;
    }

    private static SslClientAuthenticationOptions CreateTls() => new()
    {
        AllowTlsResume = false,
        EnabledSslProtocols = SslProtocols.Tls13,
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
        await LoadSocket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port));
}
