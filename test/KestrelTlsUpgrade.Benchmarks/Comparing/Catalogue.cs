using KestrelTlsUpgrade.Benchmarks.Loads;
using KestrelTlsUpgrade.Benchmarks.Servers;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>What is compared, and what is to come of it.</summary>
internal static class Catalogue
{
    /// <summary>The other servers do other things in other languages; only nonsense is out of bounds.</summary>
    private const double PeerBound = 100;

    public static IEnumerable<LoadComparison> Loads =>
    [
        .. Plaintext,
        .. NewTlsConnections(resumes: false),
        .. NewTlsConnections(resumes: true),
        .. Steady,
        .. DirectTls,
        .. Peers(KeyType.Ecdsa, "ECDSA P-256"),
        .. Peers(KeyType.Rsa, "RSA-2048"),
        .. Clients,
    ];

    public static IEnumerable<MemoryComparison> Memory =>
    [
        new("upgraded on first request : UseHttps", (ServerKind.Upgradable, Opening.UpgradeFirst), (ServerKind.Https, Opening.Tls), new Goal(MaxMemory: 1.03)),
        new("upgraded on second request : UseHttps", (ServerKind.Upgradable, Opening.UpgradeLater), (ServerKind.Https, Opening.Tls), new Goal(MaxMemory: 1.05)),
        new("plaintext: with : without", (ServerKind.Upgradable, Opening.Plaintext), (ServerKind.Plaintext, Opening.Plaintext), new Goal(MaxMemory: 1.02)),
    ];

    private static IEnumerable<LoadComparison> Plaintext
    {
        get
        {
            var requests = new Goal(MinThroughput: 0.99, MaxProcessor: 1.01);
            var connections = new Goal(MinThroughput: 0.98);
            yield return WithAndWithout("plaintext requests: with : without", new SteadyRequests(Opening.Plaintext), requests) with { Grows = true };
            yield return WithAndWithout("plaintext requests, wrk: with : without", new WrkLoad(IsHttps: false), requests);
            yield return WithAndWithout("new plaintext connections: with : without", new NewConnections(Opening.Plaintext), connections) with { Grows = true };
            yield return WithAndWithout("new plaintext connections, wrk: with : without", new WrkLoad(IsHttps: false, IsNew: true), connections);
        }
    }

    private static IEnumerable<LoadComparison> NewTlsConnections(bool resumes)
    {
        var handshakes = resumes ? "resumed handshakes" : "full handshakes";
        yield return new(
            $"upgrade on first request : UseHttps, {handshakes}",
            new(ServerKind.Upgradable, new NewConnections(Opening.UpgradeFirst, resumes)),
            new(ServerKind.Https, new NewConnections(Opening.Tls, resumes)))
        {
            Goal = new(MinThroughput: 0.97, MaxProcessor: 1.03),
            Grows = true,
        };
        yield return new(
            $"upgrade on second request : UseHttps, {handshakes}",
            new(ServerKind.Upgradable, new NewConnections(Opening.UpgradeLater, resumes)),
            new(ServerKind.Https, new NewConnections(Opening.Tls, resumes)))
        {
            Goal = new(MinThroughput: 0.93),
            Grows = true,
        };
    }

    private static IEnumerable<LoadComparison> Steady
    {
        get
        {
            yield return UpgradedAndHttps("requests, 13 B: upgraded : UseHttps", static opening => new SteadyRequests(opening)) with { Grows = true };
            yield return UpgradedAndHttps("responses of 1 MB: upgraded : UseHttps", static opening => new Transfers(opening, IsUpload: false)) with { Grows = true };
            yield return UpgradedAndHttps("uploads of 100 MB: upgraded : UseHttps", static opening => new Transfers(opening, IsUpload: true)) with { Grows = true };
            yield return UpgradedAndHttps(
                "requests, 13 B: upgraded on second request : UseHttps", static opening => new SteadyRequests(opening), Opening.UpgradeLater);
        }
    }

    /// <summary>TLS from the first byte: the same on both sides but for the middleware.</summary>
    private static IEnumerable<LoadComparison> DirectTls =>
    [
        .. new (string Name, Load Load)[]
        {
            ("new connections", new NewConnections(Opening.Tls)),
            ("requests, wrk", new WrkLoad(IsHttps: true)),
            ("requests, HTTP/1.1, h2load", new H2LoadLoad(IsHttp2: false)),
            ("requests, HTTP/2, h2load", new H2LoadLoad(IsHttp2: true)),
        }.Select(static row => new LoadComparison($"direct TLS : UseHttps, {row.Name}", new(ServerKind.Upgradable, row.Load), new(ServerKind.Https, row.Load))),
    ];

    private static IEnumerable<LoadComparison> Peers(KeyType key, string keyName)
    {
        yield return Compare("upgrade on first request : cupsd, which upgrades, too", ServerKind.Upgradable, Opening.UpgradeFirst, ServerKind.Cupsd, Opening.UpgradeFirst);
        foreach (var (server, name) in new[] { (ServerKind.Nginx, "nginx"), (ServerKind.Apache, "Apache httpd") })
        {
            yield return Compare($"upgrade on first request : direct TLS of {name}", ServerKind.Upgradable, Opening.UpgradeFirst, server, Opening.Tls);
            yield return Compare($"direct TLS of UseHttps : of {name}", ServerKind.Https, Opening.Tls, server, Opening.Tls);
        }

        LoadComparison Compare(string name, ServerKind ours, Opening ourOpening, ServerKind other, Opening otherOpening) => new(
            $"{name}, {keyName}",
            new(new ServerSpec(ours, key), new NewConnections(ourOpening)),
            new(new ServerSpec(other, key), new NewConnections(otherOpening)))
        {
            Bound = PeerBound,
        };
    }

    private static IEnumerable<LoadComparison> Clients
    {
        get
        {
            yield return Compare("HttpClient, requests: upgraded : https", isNew: false, new Goal(MinThroughput: 0.99));
            yield return Compare("HttpClient, new connections: upgraded : https", isNew: true, new Goal(MinThroughput: 0.9));

            static LoadComparison Compare(string name, bool isNew, Goal goal) => new(
                name, new(ServerKind.Upgradable, new HttpClientLoad(IsUpgraded: true, isNew)), new(ServerKind.Https, new HttpClientLoad(IsUpgraded: false, isNew)))
            {
                Goal = goal,
                IsOfClients = true,
            };
        }
    }

    private static LoadComparison WithAndWithout(string name, Load load, Goal goal) =>
        new(name, new(ServerKind.Upgradable, load), new(ServerKind.Plaintext, load)) { Goal = goal };

    private static LoadComparison UpgradedAndHttps(string name, Func<Opening, Load> load, Opening upgrade = Opening.UpgradeFirst) =>
        new(name, new(ServerKind.Upgradable, load(upgrade)), new(ServerKind.Https, load(Opening.Tls))) { Goal = new Goal(MinThroughput: 0.99) };
}
