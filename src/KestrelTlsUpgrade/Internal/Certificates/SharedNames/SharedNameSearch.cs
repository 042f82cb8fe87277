using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>The outcome for an upgrade endpoint and an https endpoint.</summary>
/// <param name="SharedName">A name that both show a certificate for.</param>
/// <param name="ServesHttp1">Whether the https endpoint has shown a certificate to HTTP/1.1 at all.</param>
/// <param name="HasOthers">Whether it shows none for any name known here, but may do so for others.</param>
internal readonly record struct SharedNameSearch(string? SharedName, bool ServesHttp1, bool HasOthers)
{
    /// <summary>
    /// Asks for every name that either side is known to have. Wildcards meet names both ways, as each name is asked for on both sides;
    /// for a wildcard it is a host under it.
    /// </summary>
    public static async Task<SharedNameSearch> RunAsync(KnownCertificates upgrade, IHttpsEndpoint other)
    {
        var names = new List<string>();
        var hosts = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var servesHttp1 = false;
        Add(upgrade.Names);
        Add(other.Names);
        AddShown(await other.GetCertificateAsync(host: null));
        for (var i = 0; i < names.Count; i++)
        {
            var host = CertificateNames.ToHost(names[i]);
            var theirs = await other.GetCertificateAsync(host);
            AddShown(theirs);
            if (CertificateNames.Cover(theirs, host) && CertificateNames.Cover(upgrade.Find(host), host))
            {
                return new(names[i], servesHttp1, HasOthers: false);
            }
        }

        return new(null, servesHttp1, !servesHttp1 && await other.MayHaveOthersAsync(hosts));

        void AddShown(X509Certificate2? shown)
        {
            servesHttp1 |= shown is not null;
            Add(CertificateNames.OfAnyClient(shown));
        }

        void Add(IEnumerable<string> found) => names.AddRange(found.Where(name => hosts.Add(CertificateNames.ToHost(name))));
    }
}
