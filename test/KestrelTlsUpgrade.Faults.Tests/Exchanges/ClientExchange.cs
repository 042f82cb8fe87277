using System.Net;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>The client's role, across a proxy or not.</summary>
/// <param name="isHasty">Whether every timeout is short.</param>
/// <param name="mode">The client's mode.</param>
/// <param name="isUpgradable">Whether the server knows of upgrades.</param>
/// <param name="place">Where the link is.</param>
internal sealed class ClientExchange(
    bool isHasty, TlsUpgradeMode mode, bool isUpgradable = true, ClientLink place = ClientLink.Direct) : HttpClientExchange(isHasty)
{
    private const int StatusInClearText = 426;

    private UpgradeServer? _server;
    private UpgradeServer? _proxy;

    public override string Expected => isUpgradable
        ? (mode is TlsUpgradeMode.OnDemand ? "" : "POST /first https Upgraded False content.|")
            + "GET /secret https Upgraded False .|GET /last https Upgraded False .|"
        : "POST /first http   content.|GET /last http   .|";

    public override bool TestsClient => true;

    public override IPEndPoint Server => place is ClientLink.ToProxy ? _proxy!.EndPoint : _server!.EndPoint;

    public override async Task StartAsync()
    {
        _server = Own(await TestedServer.StartAsync(Open(), IsHasty ? Haste : null, isUpgradable: isUpgradable));
        if (place is not ClientLink.Direct)
        {
            _proxy = Own(await TestedProxy.StartAsync(Open(), IsHasty ? Haste : null));
        }
    }

    public override async Task<string> RunAsync(IPEndPoint link, CancellationToken cancellationToken)
    {
        using var client = TestClient.Create(
            mode,
            options => options.UpgradeTimeout = IsHasty ? Haste : Ages,
            handler =>
            {
                handler.ConnectTimeout = IsHasty ? 3 * Haste : Ages;
                if (_proxy is not null)
                {
                    handler.UseProxy = true;
                    handler.Proxy = new WebProxy($"http://127.0.0.1:{(place is ClientLink.ToProxy ? link.Port : _proxy.Port)}/");
                }
            });
        client.Timeout = RequestTimeout;
        var uri = $"http://127.0.0.1:{(place is ClientLink.ToProxy ? _server!.Port : link.Port)}/";
        var first = mode is TlsUpgradeMode.OnDemand ? "" : await SendAsync(client, HttpMethod.Post, uri + "first", "content");
        var secret = "";
        try
        {
            secret = isUpgradable ? await SendAsync(client, HttpMethod.Get, uri + "secret") : "";
        }
        catch (GivenUpException failure) when (failure.IsInClearText && IsHasty && first.Contains(" https Upgraded ", StringComparison.Ordinal))
        {
            throw new OperationCanceledException("The second offer was not answered in time.", failure);
        }

        if (mode is TlsUpgradeMode.Preferred && first == "POST /first http Plaintext False content.|")
        {
            // Half an offer was refused. What requires TLS is upgraded nevertheless.
            Assert.Equal("GET /secret https Upgraded False .|", secret);
            throw new GivenUpException(StatusInClearText);
        }

        // In HTTP/1.0 only the end of the connection tells the end of a response, which inside TLS is told from a cut.
        var last = await SendAsync(
            client, HttpMethod.Get, uri + "last", version: isUpgradable ? HttpVersion.Version10 : HttpVersion.Version11);
        if (mode is TlsUpgradeMode.Preferred && IsHasty && last == "GET /last http Plaintext False .|")
        {
            // The fault ended the upgraded connection, and the offer on a new one was not answered in time: the machine has much to do.
            throw new OperationCanceledException("The last offer was not answered in time.");
        }

        return first + secret + last;
    }

    /// <summary>A server that got half an offer answers that with 400, which is a refusal: others are its answer to every offer.</summary>
    protected override bool IsGivenUp(int status) =>
        base.IsGivenUp(status) || (status == StatusInClearText && mode is not TlsUpgradeMode.Required);
}
