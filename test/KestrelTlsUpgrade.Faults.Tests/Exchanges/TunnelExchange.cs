using System.Net;
using System.Security.Cryptography;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>The tunnel's role, on the way from the caller or on that to the destination.</summary>
/// <param name="isHasty">Whether every timeout is short.</param>
/// <param name="isBehind">Whether the link is on the way to the destination.</param>
/// <param name="isLarge">Whether more goes through than all buffers on the way hold.</param>
internal sealed class TunnelExchange(bool isHasty, bool isBehind, bool isLarge = false) : Exchange(isHasty)
{
    private static readonly byte[] Content = CreateContent();
    private static readonly string ContentHash = Convert.ToHexString(SHA256.HashData(Content));

    private Origin? _destination;
    private UpgradeServer? _proxy;

    public static string Echo { get; } = $"these are words, {new string('w', 100)} and these the last";

    public override string Expected => isLarge ? ContentHash : Echo;

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
        return RawExchange.RunAsync(
            proxy,
            async connection => isLarge
                ? Convert.ToHexString(SHA256.HashData(await connection.EchoAsync(destination, Content)))
                : await connection.EchoAsync(destination),
            cancellationToken);
    }

    public override bool IsCleanFailure(Exception exception) => RawExchange.IsEnd(exception);

    private static byte[] CreateContent()
    {
        var content = new byte[1_500_000];
        new Random(2817).NextBytes(content);
        return content;
    }
}
