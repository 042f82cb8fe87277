using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>A TLS connection whose client is nobody: what a request that was received in clear text gets to see.</summary>
internal sealed class AnonymousTlsConnectionFeature : ITlsConnectionFeature
{
    private static readonly Task<X509Certificate2?> NoCertificate = Task.FromResult<X509Certificate2?>(null);

    public X509Certificate2? ClientCertificate { get; set; }

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
        ClientCertificate is null ? NoCertificate : Task.FromResult<X509Certificate2?>(ClientCertificate);
}
