using System.Net;
using KestrelTlsUpgrade.Faults.Tests.Accounts;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>The tunnel's role, on the way to the next proxy. Each run has a proxy of its own, as the next one is a setting.</summary>
internal sealed class ChainExchange(bool isHasty) : Exchange(isHasty)
{
    private Origin? _destination;
    private UpgradeServer? _next;

    public override string Expected => TunnelExchange.Echo;

    public override bool TestsClient => true;

    public override IPEndPoint Server => _next!.EndPoint;

    public override async Task StartAsync()
    {
        _destination = Own(Origin.Echo());
        _next = Own(await TestedProxy.StartAsync(Open(), IsHasty ? Haste : null));
    }

    public override async Task<string> RunAsync(IPEndPoint link, CancellationToken cancellationToken)
    {
        using var accounts = new ServerAccounts(isOfOneRun: true);
        await using var proxy = await TestedProxy.StartAsync(
            accounts, IsHasty ? Haste : null, options => options.UpstreamProxy = new Uri($"http://{link}/"));
        try
        {
            return await RawExchange.RunAsync(
                proxy.EndPoint, connection => connection.EchoAsync(_destination!.Authority), cancellationToken);
        }
        finally
        {
            await accounts.SettledAsync();
        }
    }

    public override bool IsCleanFailure(Exception exception) => RawExchange.IsEnd(exception);
}
