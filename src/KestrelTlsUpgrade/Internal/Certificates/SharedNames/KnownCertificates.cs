using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>What is known about the certificates of an upgrade endpoint.</summary>
internal sealed class KnownCertificates(SettingsSnapshot settings)
{
    private readonly Func<ConnectionContext?, string?, X509Certificate2?>? _selector =
        settings.Options.Https.ServerCertificateSelector;

    /// <summary>The setting in code that chooses the certificate, if there is one. Its names cannot be listed.</summary>
    public string? Code =>
        settings.Options.HandshakeCallback is not null ? nameof(TlsUpgradeOptions.HandshakeCallback)
        : _selector is not null ? nameof(settings.Options.Https.ServerCertificateSelector)
        : null;

    /// <summary>Whether nothing at all is known: a handshake callback cannot be asked without a handshake.</summary>
    public bool AreUnknown => settings.Options.HandshakeCallback is not null;

    /// <summary>The names that are known: those of certificates, and those that have settings of their own.</summary>
    public IEnumerable<string> Names => AreUnknown
        ? []
        : settings.Certificates.Select(static loaded => loaded.Certificate)
            .Append(_selector?.Invoke(null, null))
            .SelectMany(CertificateNames.OfAnyClient)
            .Concat(settings.RequirementsByName.Entries.Select(static entry => entry.Key));

    /// <summary>The certificate that a client gets which asks for this host.</summary>
    public X509Certificate2? Find(string host) =>
        AreUnknown ? null

            // SslStream gives names to a selector in U-labels.
            : settings.GetCertificate(_selector is null ? host : ServerName.OfHost(host));
}
