using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Connections;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Tls;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>The settings of an endpoint at one time: what users set, everything loaded that it names, and what follows from both.</summary>
internal sealed class SettingsSnapshot
{
    /// <summary>The options, complete.</summary>
    public required TlsUpgradeOptions Options { get; init; }

    /// <summary>The certificates that are known beforehand. Code that selects certificates may have others.</summary>
    public IReadOnlyList<LoadedCertificate> Certificates { get; init; } = [];

    /// <summary>Which offers are accepted.</summary>
    public required UpgradePolicy Policy { get; init; }

    /// <summary>Which TLS clients are served.</summary>
    public required ClientRules Rules { get; init; }

    /// <summary>What the handshake for a name asks for, where there are settings for some.</summary>
    public ServerNameTable<SniRequirements> RequirementsByName { get; init; } = ServerNameTable<SniRequirements>.Empty;

    /// <summary>Kestrel's TLS, or <see langword="null"/> where the upgrade is switched off.</summary>
    public SniBranches? Tls { get; init; }

    /// <summary>What the connections under these settings need of the application.</summary>
    public required ConnectionServices Services { get; init; }

    /// <summary>The certificate that a client gets which asks for this name.</summary>
    public X509Certificate2? GetCertificate(string name) =>
        Options.Https.ServerCertificateSelector is { } select
            ? select(null, name)
            : Certificates.FirstOrDefault(loaded => CertificateNames.Cover(loaded.Certificate, name))?.Certificate;
}
