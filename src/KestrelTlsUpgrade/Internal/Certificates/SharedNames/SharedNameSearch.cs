using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>The result of comparing an upgrade endpoint with an https endpoint.</summary>
/// <param name="SharedName">A name for which both present a certificate.</param>
/// <param name="ServesHttp1">Whether the https endpoint presented any certificate to an HTTP/1.1 client.</param>
/// <param name="HasOthers">Whether it presents none for the known names, but may do so for others.</param>
internal readonly record struct SharedNameSearch(string? SharedName, bool ServesHttp1, bool HasOthers)
{
    /// <summary>
    /// Requests certificates for the known names of both sides. Every name is checked on both, so a wildcard on either side is found; a
    /// wildcard is requested as a host under it.
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
