using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>The configuration of one server name. Missing settings are those for all names.</summary>
/// <param name="Name">A name, <c>*.</c> and a suffix, or <c>*</c>.</param>
/// <param name="Certificate">The section of the certificate.</param>
/// <param name="Protocols">The HTTP versions for TLS from the first byte. An upgraded connection uses HTTP/1.1.</param>
/// <param name="SslProtocols">The TLS versions.</param>
/// <param name="ClientCertificateMode">Whether a client certificate is requested.</param>
internal sealed record SniEntry(
    string Name,
    IConfigurationSection? Certificate,
    HttpProtocols? Protocols,
    SslProtocols? SslProtocols,
    ClientCertificateMode? ClientCertificateMode)
{
    /// <summary>Converts the entry to Kestrel's schema.</summary>
    public IEnumerable<KeyValuePair<string, string?>> ToKestrel()
    {
        // Kestrel ignores an entry without settings, so always write one.
        yield return new(nameof(Protocols), Protocols?.ToString() ?? "");
        foreach (var (key, value) in Certificate?.AsEnumerable(makePathsRelative: true) ?? [])
        {
            yield return new($"{CertificateSection.Key}:{key}", value);
        }

        if (SslProtocols is { } versions and not System.Security.Authentication.SslProtocols.None)
        {
            yield return new($"{nameof(SslProtocols)}:0", versions.ToString());
        }

        if (ClientCertificateMode is { } mode)
        {
            yield return new(nameof(ClientCertificateMode), mode.ToString());
        }
    }
}
