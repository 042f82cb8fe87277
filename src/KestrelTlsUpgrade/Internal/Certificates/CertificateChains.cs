using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>The chains of the certificates in use, one for each certificate.</summary>
internal sealed class CertificateChains(IHostApplicationLifetime lifetime, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.CertificateChain);
    private readonly ConditionalWeakTable<X509Certificate2, CertificateChain> _chains = [];
    private readonly Lock _lock = new();

    /// <summary>Finds or builds a chain. Waits for a moment if a part of it has to be downloaded.</summary>
    /// <returns><see langword="null"/> for a certificate that cannot be presented as it is: Kestrel looks for its key, or explains.</returns>
    /// <exception cref="OperationCanceledException">The host is stopping.</exception>
    public CertificateChain? Get(LoadedCertificate loaded)
    {
        if (loaded.Presented is { } presented)
        {
            return presented;
        }

        var (certificate, additional, _) = loaded;
        CertificateChain? chain;
        lock (_lock)
        {
            if (!_chains.TryGetValue(certificate, out chain) || chain.Additional != additional)
            {
                chain = CertificateChain.Build(certificate, additional, _logger);
                if (chain is null)
                {
                    return null;
                }

                _chains.AddOrUpdate(certificate, chain);
            }
        }

        chain.Wait(lifetime.ApplicationStopping);
        return chain;
    }
}
