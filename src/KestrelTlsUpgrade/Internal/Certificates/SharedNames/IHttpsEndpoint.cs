using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>An endpoint that may serve https over HTTP/1.1.</summary>
internal interface IHttpsEndpoint
{
    /// <summary>The address as Kestrel announces it.</summary>
    string Address { get; }

    /// <summary>Names that it is worth asking for.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>The certificate that a client of HTTP/1.1 gets which asks for this host, or sends no server name.</summary>
    ValueTask<X509Certificate2?> GetCertificateAsync(string? host);

    /// <summary>Whether an endpoint that shows none for these hosts over HTTP/1.1 may do so for others.</summary>
    ValueTask<bool> MayHaveOthersAsync(IEnumerable<string> hosts);
}
