using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Endpoints;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>The endpoints in the process that may serve https over HTTP/1.1, for one check.</summary>
internal sealed class HttpsEndpoints : IDisposable
{
    private readonly List<ProbedEndpoint> _probed = [];

    public HttpsEndpoints(IReadOnlyList<RunningServer> servers, CancellationToken cancellationToken)
    {
        All = [.. servers.SelectMany(server => Find(server, cancellationToken))];
    }

    public IReadOnlyList<Entry> All { get; }

    public void Dispose() => _probed.ForEach(static endpoint => endpoint.Dispose());

    private IEnumerable<Entry> Find(RunningServer server, CancellationToken cancellationToken)
    {
        string[] names = [.. server.ServerNames];
        foreach (var address in server.HttpsAddresses)
        {
            yield return new(server, null, Probe(address, names, cancellationToken));
        }

        foreach (var upgrade in server.Upgradable)
        {
            if (upgrade.Settings is { Options.DirectTls: DirectTlsMode.Any } settings)
            {
                var certificates = new KnownCertificates(settings);
                yield return new(
                    server,
                    upgrade,
                    certificates.AreUnknown ? Probe(upgrade.Address, [], cancellationToken) : new DirectTlsEndpoint(upgrade.Address, certificates));
            }
        }
    }

    private ProbedEndpoint Probe(string address, string[] names, CancellationToken cancellationToken)
    {
        var endpoint = new ProbedEndpoint(address, names, cancellationToken);
        _probed.Add(endpoint);
        return endpoint;
    }

    /// <param name="Server">The server of the endpoint.</param>
    /// <param name="Upgrade">The upgrade endpoint, if it is one.</param>
    /// <param name="Endpoint">Gets the endpoint's certificates.</param>
    internal sealed record Entry(RunningServer Server, IUpgradeEndpoint? Upgrade, IHttpsEndpoint Endpoint)
    {
        public string Address => Endpoint.Address;

        /// <summary>Whether only a load balancer can connect to it.</summary>
        public bool IsBehindProxy => Endpoint is ProbedEndpoint && Server.IsBehindProxy(Address);
    }

    /// <summary>An upgrade endpoint that serves HTTP/1.1 with TLS from the first byte. Its certificates are known without a probe.</summary>
    private sealed class DirectTlsEndpoint(string address, KnownCertificates certificates) : IHttpsEndpoint
    {
        public string Address => address;

        public IEnumerable<string> Names => certificates.Names;

        public ValueTask<X509Certificate2?> GetCertificateAsync(string? host) => new(host is null ? null : certificates.Find(host));

        public ValueTask<bool> MayHaveOthersAsync(IEnumerable<string> hosts) => new(certificates.Code is not null);
    }
}
