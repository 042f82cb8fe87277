using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>An endpoint that may serve https over HTTP/1.1.</summary>
internal interface IHttpsEndpoint
{
    /// <summary>The address as Kestrel announces it.</summary>
    string Address { get; }

    /// <summary>Names to request certificates for.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>The certificate for an HTTP/1.1 client that requests this host, or sends no server name.</summary>
    ValueTask<X509Certificate2?> GetCertificateAsync(string? host);

    /// <summary>Whether an endpoint without an HTTP/1.1 certificate for these hosts may have one for others.</summary>
    ValueTask<bool> MayHaveOthersAsync(IEnumerable<string> hosts);
}
