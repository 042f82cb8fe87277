using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>An upgrade endpoint that serves HTTP/1.1 with TLS from the first byte. Its certificates are known without a probe.</summary>
internal sealed class DirectTlsEndpoint(string address, KnownCertificates certificates) : IHttpsEndpoint
{
    public string Address => address;

    public IEnumerable<string> Names => certificates.Names;

    public ValueTask<X509Certificate2?> GetCertificateAsync(string? host) => new(host is null ? null : certificates.Find(host));

    public ValueTask<bool> MayHaveOthersAsync(IEnumerable<string> hosts) => new(certificates.Code is not null);
}
