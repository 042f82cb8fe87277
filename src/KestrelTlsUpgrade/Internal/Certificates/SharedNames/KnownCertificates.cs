using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>The certificates of an upgrade endpoint, as far as they are known.</summary>
internal sealed class KnownCertificates(SettingsSnapshot settings)
{
    private readonly Func<ConnectionContext?, string?, X509Certificate2?>? _selector =
        settings.Options.Https.ServerCertificateSelector;

    /// <summary>The setting in code that selects the certificate, if any. Its names cannot be enumerated.</summary>
    public string? Code =>
        settings.Options.HandshakeCallback is not null ? nameof(TlsUpgradeOptions.HandshakeCallback)
        : _selector is not null ? nameof(settings.Options.Https.ServerCertificateSelector)
        : null;

    /// <summary>Whether no certificate is known: a handshake callback cannot be called without a handshake.</summary>
    public bool AreUnknown => settings.Options.HandshakeCallback is not null;

    /// <summary>The known names: of certificates, and of settings by server name.</summary>
    public IEnumerable<string> Names => AreUnknown
        ? []
        : settings.Certificates.Select(static loaded => loaded.Certificate)
            .Append(_selector?.Invoke(null, null))
            .SelectMany(CertificateNames.OfAnyClient)
            .Concat(settings.RequirementsByName.Entries.Select(static entry => entry.Key));

    /// <summary>The certificate for a client that requests this host.</summary>
    public X509Certificate2? Find(string host) =>
        AreUnknown ? null

            // SslStream passes names to a selector in U-labels.
            : settings.GetCertificate(_selector is null ? host : ServerName.OfHost(host));
}
