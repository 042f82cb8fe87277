using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Fallback;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Tls;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>The settings of an endpoint at one time: the options, the certificates that they name, and what is derived from both.</summary>
internal sealed class SettingsSnapshot
{
    /// <summary>The complete options.</summary>
    public required TlsUpgradeOptions Options { get; init; }

    /// <summary>The certificates known in advance. A selector in code may return others.</summary>
    public IReadOnlyList<LoadedCertificate> Certificates { get; init; } = [];

    /// <summary>Decides which offers are accepted.</summary>
    public required UpgradePolicy Policy { get; init; }

    /// <summary>Decides which TLS clients are accepted.</summary>
    public required ClientRules Rules { get; init; }

    /// <summary>The requirements of server names that have their own settings.</summary>
    public ServerNameTable<SniRequirements> RequirementsByName { get; init; } = ServerNameTable<SniRequirements>.Empty;

    /// <summary>Kestrel's TLS, or <see langword="null"/> if the upgrade is disabled.</summary>
    public SniBranches? Tls { get; init; }

    /// <summary>Remembers the callers that TLS fails for, or <see langword="null"/> if nobody does.</summary>
    public FallbackMemory? Fallback { get; init; }

    /// <summary>The application services that connections under these settings use.</summary>
    public required ConnectionServices Services { get; init; }

    /// <summary>The certificate for a client that requests this name.</summary>
    public X509Certificate2? GetCertificate(string name) =>
        Options.Https.ServerCertificateSelector is { } select
            ? select(null, name)
            : Certificates.FirstOrDefault(loaded => CertificateNames.Cover(loaded.Certificate, name))?.Certificate;
}
