using System.Security.Cryptography;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>Makes the memory of an endpoint's settings. All of them use one cache, whose silence they learn of together.</summary>
internal sealed class FallbackMemories(IServiceProvider services, ServerClock clock, ILoggerFactory loggers)
{
    private readonly Lazy<SharedFallback> _shared = new(() => new(
        services.GetService<IDistributedCache>() ?? throw new InvalidOperationException(
            "ShareFallback shares through the application's IDistributedCache, and there is none. Call "
            + "builder.Services.AddStackExchangeRedisCache() or another method that adds one, or set ShareFallback to false."),
        clock.TimeProvider,
        loggers.CreateLogger(LogCategories.Fallback)));

    /// <returns>The memory, or <see langword="null"/> if nobody is to be remembered.</returns>
    /// <exception cref="InvalidOperationException">There is no cache to share with.</exception>
    public FallbackMemory? Create(TlsUpgradeOptions options, IEnumerable<LoadedCertificate> certificates) =>
        options.FallbackLifetime <= TimeSpan.Zero ? null
        : options.ShareFallback ? new(options.FallbackLifetime, clock.TimeProvider, _shared.Value, Describe(options, certificates))
        : new(options.FallbackLifetime, clock.TimeProvider);

    /// <summary>What makes TLS work for a client or not, the same for all instances that are set alike.</summary>
    private static string Describe(TlsUpgradeOptions options, IEnumerable<LoadedCertificate> certificates) => string.Join(
        ' ',
        certificates.Select(static loaded => loaded.Certificate.GetCertHashString(HashAlgorithmName.SHA256))
            .Append($"{options.Https.SslProtocols} {options.Https.ClientCertificateMode} {options.AcceptedClients}"));
}
