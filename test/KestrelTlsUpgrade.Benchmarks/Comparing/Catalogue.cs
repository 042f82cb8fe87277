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
        .. Controls,
        .. Plaintext,
        .. NewTlsConnections(resumes: false),
        .. NewTlsConnections(resumes: true),
        .. Refusals,
        .. Steady,
        .. DirectTls,
        .. Peers(KeyType.Ecdsa, "ECDSA P-256"),
        .. Peers(KeyType.Rsa, "RSA-2048"),
        .. Clients,
        .. Settings,
    ];

    public static IEnumerable<MemoryComparison> Memory =>
    [
        new(
            "upgraded on first request : UseHttps",
            (ServerKind.Upgradable, Opening.UpgradeFirst),
            (ServerKind.Https, Opening.Tls),
            new Goal(MaxMemory: 1.03)),
        new(
            "upgraded on second request : UseHttps",
            (ServerKind.Upgradable, Opening.UpgradeLater),
            (ServerKind.Https, Opening.Tls),
            new Goal(MaxMemory: 1.05)),
        new(
            "plaintext: with : without",
            (ServerKind.Upgradable, Opening.Plaintext),
            (ServerKind.Plaintext, Opening.Plaintext),
            new Goal(MaxMemory: 1.02)),
    ];

    /// <summary>The same on both sides: what the machine makes of a ratio by itself. No other one says more than its control.</summary>
    private static IEnumerable<LoadComparison> Controls
    {
        get
        {
            yield return Compare("plaintext requests", ServerKind.Plaintext, new SteadyRequests(Opening.Plaintext));
            yield return Compare("plaintext requests, wrk", ServerKind.Plaintext, new WrkLoad(IsHttps: false));
            yield return Compare("new plaintext connections", ServerKind.Plaintext, new NewConnections(Opening.Plaintext));
            yield return Compare("UseHttps, full handshakes", ServerKind.Https, new NewConnections(Opening.Tls));
            yield return Compare("UseHttps, requests, 13 B", ServerKind.Https, new SteadyRequests(Opening.Tls));

            static LoadComparison Compare(string name, ServerKind server, Load load) =>
                new($"control, {name}: the same twice", new(server, load), new(server, load)) { IsVariant = true };
        }
    }

    private static IEnumerable<LoadComparison> Plaintext
    {
        get
        {
            var requests = new Goal(MinThroughput: 0.99, MaxProcessor: 1.01);
            var connections = new Goal(MinThroughput: 0.98);
            yield return Compare("plaintext requests", new SteadyRequests(Opening.Plaintext), requests) with { Grows = true };
            yield return Compare("plaintext requests, wrk", new WrkLoad(IsHttps: false), requests);
            yield return Compare("new plaintext connections", new NewConnections(Opening.Plaintext), connections) with { Grows = true };
            yield return Compare("new plaintext connections, wrk", new WrkLoad(IsHttps: false, IsNew: true), connections) with { IsVariant = true };

            foreach (var (server, name) in new[] { (ServerKind.LookingOn, "looking on"), (ServerKind.Listed, "with lists") })
            {
                yield return Compare("plaintext requests", new SteadyRequests(Opening.Plaintext), requests, server, name) with { IsVariant = true };
                yield return Compare("new plaintext connections", new NewConnections(Opening.Plaintext), connections, server, name) with { IsVariant = true };
            }

            static LoadComparison Compare(string name, Load load, Goal goal, ServerKind server = ServerKind.Upgradable, string how = "with") =>
                new($"{name}: {how} : without", new(server, load), new(ServerKind.Plaintext, load)) { Goal = goal };
        }
    }

    private static IEnumerable<LoadComparison> NewTlsConnections(bool resumes)
    {
        yield return Compare("first", Opening.UpgradeFirst, new Goal(MinThroughput: 0.97, MaxProcessor: 1.03));
        yield return Compare("second", Opening.UpgradeLater, new Goal(MinThroughput: 0.93));

        LoadComparison Compare(string request, Opening opening, Goal goal) => new(
            $"upgrade on {request} request : UseHttps, {(resumes ? "resumed" : "full")} handshakes",
            new(ServerKind.Upgradable, new NewConnections(opening, resumes)),
            new(ServerKind.Https, new NewConnections(Opening.Tls, resumes)))
        {
            Goal = goal,
            Grows = true,
        };
    }

    /// <summary>A refusal comes before any key is used, so it is not to cost more than a client that goes away.</summary>
    private static IEnumerable<LoadComparison> Refusals
    {
        get
        {
            yield return Compare("ECDSA P-256", KeyType.Ecdsa);
            yield return Compare("RSA-2048", KeyType.Rsa) with { IsVariant = true };

            static LoadComparison Compare(string keyName, KeyType key) => new(
                $"refused hello : 101 and the client closes, {keyName}",
                new(new ServerSpec(ServerKind.Upgradable, key), new RefusedUpgrades(SendsHello: true)),
                new(new ServerSpec(ServerKind.Upgradable, key), new RefusedUpgrades(SendsHello: false)))
            {
                Goal = new Goal(MaxProcessor: 1.1),
                Bound = PeerBound,
            };
        }
    }

    private static IEnumerable<LoadComparison> Steady
    {
        get
        {
            yield return Compare("requests, 13 B: upgraded", static opening => new SteadyRequests(opening)) with { Grows = true };
            yield return Compare("responses of 1 MB: upgraded", static opening => new Transfers(opening, IsUpload: false)) with { Grows = true };
            yield return Compare("uploads of 100 MB: upgraded", static opening => new Transfers(opening, IsUpload: true)) with { Grows = true };
            yield return Compare(
                "requests, 13 B: upgraded on second request", static opening => new SteadyRequests(opening), Opening.UpgradeLater);

            static LoadComparison Compare(string name, Func<Opening, Load> load, Opening upgrade = Opening.UpgradeFirst) => new(
                $"{name} : UseHttps", new(ServerKind.Upgradable, load(upgrade)), new(ServerKind.Https, load(Opening.Tls)))
            {
                Goal = new Goal(MinThroughput: 0.99),
            };
        }
    }

    /// <summary>TLS from the first byte: the same on both sides but for the middleware.</summary>
    private static IEnumerable<LoadComparison> DirectTls
    {
        get
        {
            yield return Compare("new connections", new NewConnections(Opening.Tls));
            yield return Compare("requests, wrk", new WrkLoad(IsHttps: true)) with { IsVariant = true };
            yield return Compare("requests, HTTP/1.1, h2load", new H2LoadLoad(IsHttp2: false)) with { IsVariant = true };
            yield return Compare("requests, HTTP/2, h2load", new H2LoadLoad(IsHttp2: true));

            static LoadComparison Compare(string name, Load load) =>
                new($"direct TLS : UseHttps, {name}", new(ServerKind.Upgradable, load), new(ServerKind.Https, load));
        }
    }

    private static IEnumerable<LoadComparison> Peers(KeyType key, string keyName)
    {
        yield return Compare("upgrade on first request : the same on cupsd", ServerKind.Cupsd, Opening.UpgradeFirst);
        foreach (var (server, name) in new[] { (ServerKind.Nginx, "nginx"), (ServerKind.Apache, "Apache httpd") })
        {
            yield return Compare($"upgrade on first request : direct TLS on {name}", server, Opening.Tls);
            yield return Compare($"UseHttps : direct TLS on {name}", server, Opening.Tls) with
            {
                Ours = new(new ServerSpec(ServerKind.Https, key), new NewConnections(Opening.Tls)),
                IsVariant = true,
            };
        }

        LoadComparison Compare(string name, ServerKind other, Opening opening) => new(
            $"{name}, full handshakes, {keyName}",
            new(new ServerSpec(ServerKind.Upgradable, key), new NewConnections(Opening.UpgradeFirst)),
            new(new ServerSpec(other, key), new NewConnections(opening)))
        {
            Bound = PeerBound,
            IsVariant = key is not KeyType.Ecdsa,
        };
    }

    /// <summary>What an owner picks, and what that makes of a handshake.</summary>
    private static IEnumerable<LoadComparison> Settings
    {
        get
        {
            yield return Compare("ECDSA P-384", new(ServerKind.Https, KeyType.EcdsaP384));
            yield return Compare("RSA-2048", new(ServerKind.Https, KeyType.Rsa));
            yield return Compare("RSA-3072", new(ServerKind.Https, KeyType.Rsa3072));
            yield return Compare("RSA-4096", new(ServerKind.Https, KeyType.Rsa4096));
            foreach (var setting in Enum.GetValues<ServerSetting>().Where(static setting => setting is not ServerSetting.None))
            {
                yield return Compare($"{setting}", new(ServerKind.Https, Setting: setting));
            }

            yield return Compare("resumed sessions", new(ServerKind.Https), resumes: true);

            static LoadComparison Compare(string name, ServerSpec server, bool resumes = false) => new(
                $"UseHttps with {name} : without, new connections",
                new(server, new NewConnections(Opening.Tls, resumes)),
                new(ServerKind.Https, new NewConnections(Opening.Tls)))
            {
                IsVariant = true,
            };
        }
    }

    private static IEnumerable<LoadComparison> Clients
    {
        get
        {
            yield return Compare("HttpClient, requests", isNew: false, new Goal(MinThroughput: 0.99));
            yield return Compare("HttpClient, new connections", isNew: true, new Goal(MinThroughput: 0.9));

            static LoadComparison Compare(string name, bool isNew, Goal goal) => new(
                $"{name}: upgraded : https",
                new(ServerKind.Upgradable, new HttpClientLoad(IsUpgraded: true, isNew)),
                new(ServerKind.Https, new HttpClientLoad(IsUpgraded: false, isNew)))
            {
                Goal = goal,
                IsOfClients = true,
            };
        }
    }
}
