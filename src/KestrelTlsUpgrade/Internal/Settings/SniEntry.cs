using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>What the configuration says of one server name. What it does not say is as for all names.</summary>
/// <param name="Name">The name, <c>*.</c> and a suffix, or <c>*</c>.</param>
/// <param name="Certificate">The section of its certificate.</param>
/// <param name="Protocols">The HTTP versions of TLS from the first byte. An upgraded connection speaks HTTP/1.1.</param>
/// <param name="SslProtocols">The TLS versions.</param>
/// <param name="ClientCertificateMode">Whether a client certificate is asked for.</param>
internal sealed record SniEntry(
    string Name,
    IConfigurationSection? Certificate,
    HttpProtocols? Protocols,
    SslProtocols? SslProtocols,
    ClientCertificateMode? ClientCertificateMode)
{
    /// <summary>In the form that Kestrel reads.</summary>
    public IEnumerable<KeyValuePair<string, string?>> ToKestrel()
    {
        // Kestrel knows an entry by its having any setting, so there always is one.
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
