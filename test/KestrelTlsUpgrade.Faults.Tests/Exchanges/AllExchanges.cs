using KestrelTlsUpgrade.Client;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>Every exchange, by name.</summary>
internal static class AllExchanges
{
    private const string Replayed = "https Upgraded True .|";
    private const string Last = "GET /last https Upgraded False .|close_notify";

    public static IReadOnlyDictionary<string, Func<bool, Exchange>> ByName { get; } = new Dictionary<string, Func<bool, Exchange>>
    {
        ["server: OPTIONS *"] = isHasty => new RawExchange(
            isHasty, "|" + Last, connection => connection.UpgradeAsync(Request("OPTIONS", "*"))),
        ["server: first request"] = isHasty => new RawExchange(
            isHasty, $"GET /x {Replayed}{Last}", connection => connection.UpgradeAsync(Request())),
        ["server: later request"] = isHasty => new RawExchange(
            isHasty, $"GET /before http Plaintext False .|GET /x {Replayed}{Last}", RawTalk.UpgradeLaterAsync),
        ["server: upgrade and close"] = isHasty => new RawExchange(
            isHasty,
            $"GET /x {Replayed}close_notify",
            connection => connection.UpgradeAsync(Request().Replace("Connection: Upgrade", "Connection: close, Upgrade"), hasLast: false)),
        ["server: 426"] = isHasty => new RawExchange(isHasty, $"GET /secret {Replayed}{Last}", RawTalk.RequiredAsync),
        ["server: declined offer"] = isHasty => new RawExchange(
            isHasty, "GET /x http Plaintext False .|GET /last http Plaintext False .|end", RawTalk.DeclinedAsync),
        ["server: keep-alive"] = isHasty => new RawExchange(
            isHasty,
            "POST /post http Plaintext False content.|POST /chunks http Plaintext False content.|GET /last http Plaintext False .|end",
            RawTalk.KeepAliveAsync),
        ["server: direct h1"] = isHasty => new RawExchange(
            isHasty,
            "GET /first https DirectTls False .|GET /last https DirectTls False .|close_notify",
            RawTalk.DirectAsync,
            options => options.DirectTls = DirectTlsMode.Any),
        ["server: direct h2"] = isHasty => new Http2Exchange(isHasty),
        ["client: Required"] = isHasty => new ClientExchange(isHasty, TlsUpgradeMode.Required),
        ["client: Preferred"] = isHasty => new ClientExchange(isHasty, TlsUpgradeMode.Preferred),
        ["client: Preferred, refused"] = isHasty => new ClientExchange(isHasty, TlsUpgradeMode.Preferred, isUpgradable: false),
        ["client: OnDemand"] = isHasty => new ClientExchange(isHasty, TlsUpgradeMode.OnDemand),
        ["client: to its proxy"] = isHasty => new ClientExchange(isHasty, TlsUpgradeMode.Required, place: ClientLink.ToProxy),
        ["client: behind its proxy"] = isHasty => new ClientExchange(isHasty, TlsUpgradeMode.Required, place: ClientLink.BehindProxy),
        ["tunnel: caller"] = isHasty => new TunnelExchange(isHasty, isBehind: false),
        ["tunnel: destination"] = isHasty => new TunnelExchange(isHasty, isBehind: true),
        ["tunnel: much, caller"] = isHasty => new TunnelExchange(isHasty, isBehind: false, isLarge: true),
        ["tunnel: much, destination"] = isHasty => new TunnelExchange(isHasty, isBehind: true, isLarge: true),
        ["tunnel: next proxy"] = isHasty => new ChainExchange(isHasty),
    };
}
