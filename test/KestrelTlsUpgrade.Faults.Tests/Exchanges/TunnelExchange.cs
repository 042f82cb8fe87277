using System.Net;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Tests.Support;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>The tunnel's role, on the way from the caller or on that to the destination.</summary>
internal sealed class TunnelExchange(bool isHasty, bool isBehind) : Exchange(isHasty)
{
    private Origin? _destination;
    private UpgradeServer? _proxy;

    public static string Echo { get; } = $"these are words, {new string('w', 100)} and these the last";

    public override string Expected => Echo;

    /// <summary>To a destination the proxy is the client.</summary>
    public override bool TestsClient => isBehind;

    public override bool TestsServer => !isBehind;

    public override IPEndPoint Server => isBehind ? IPEndPoint.Parse(_destination!.Authority) : _proxy!.EndPoint;

    public override async Task StartAsync()
    {
        _destination = Own(Origin.Echo());
        _proxy = Own(await TestedProxy.StartAsync(Open(), IsHasty ? Haste : null));
    }

    public override Task<string> RunAsync(IPEndPoint link, CancellationToken cancellationToken)
    {
        var (proxy, destination) = isBehind ? (_proxy!.EndPoint, link.ToString()) : (link, _destination!.Authority);
        return RawExchange.RunAsync(proxy, connection => connection.EchoAsync(destination), cancellationToken);
    }

    public override bool IsCleanFailure(Exception exception) => RawExchange.IsEnd(exception);
}
