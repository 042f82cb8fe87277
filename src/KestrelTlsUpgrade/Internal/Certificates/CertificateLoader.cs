using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// Loads configured certificates with Kestrel's loader. If one is unusable, the exception says where it is configured, what is wrong and
/// what to do.
/// </summary>
internal sealed class CertificateLoader(TlsBranchFactory server, IHostEnvironment environment)
{
    /// <exception cref="InvalidOperationException">The certificate is unusable.</exception>
    public LoadedCertificate Load(IConfigurationSection section)
    {
        X509Certificate2? certificate = null;
        X509Certificate2Collection? chain = null;
        try
        {
            var endpoint = server.Load(
                SettingsSection.Name,
                section.AsEnumerable(makePathsRelative: true).Select(static setting =>
                    KeyValuePair.Create($"{CertificateSection.Key}:{setting.Key}", setting.Value)),
                configure: (_, https) => (certificate, chain) = (https.ServerCertificate, https.ServerCertificateChain));
            Validate(endpoint);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(CertificateDiagnosis.Explain(section, GetFullPath, exception), exception);
        }

        return new(certificate!, chain, $"{section.Path} ({GetSource(section)})");
    }

    /// <summary>Loads the server's default certificate or, in Development, that of ASP.NET Core.</summary>
    /// <param name="kestrel">Kestrel's section of the configuration.</param>
    /// <param name="origin">Describes where the certificate is from, for messages.</param>
    /// <returns><see langword="null"/> if there is none.</returns>
    /// <exception cref="InvalidOperationException">The server's default certificate is unusable.</exception>
    public LoadedCertificate? LoadDefault(IConfiguration? kestrel, string origin)
    {
        LoadedCertificate? loaded = null;
        try
        {
            server.Load(
                SettingsSection.Name,
                [],
                configure: (_, https) =>
                {
                    loaded = https.ServerCertificate is { } certificate ? new(certificate, https.ServerCertificateChain, origin) : null;
                    // Kestrel does not create an https endpoint without a certificate.
                    https.ServerCertificateSelector = static (_, _) => null;
                },
                server: kestrel?.GetSection(CertificateSection.ServerKey).AsEnumerable(makePathsRelative: true)
                    .Select(static setting => KeyValuePair.Create($"{CertificateSection.ServerKey}:{setting.Key}", setting.Value)));
        }
        catch (Exception exception) when (kestrel?.GetSection(CertificateSection.DefaultPath) is { } section && section.Exists())
        {
            throw new InvalidOperationException(CertificateDiagnosis.Explain(section, GetFullPath, exception), exception);
        }

        return loaded;
    }

    /// <summary>Kestrel checks a certificate's purpose and private key when it builds the TLS middleware.</summary>
    private static void Validate(ListenOptions endpoint)
    {
        endpoint.Use(static (ConnectionDelegate _) => static _ => Task.CompletedTask);
        endpoint.Build();
    }

    private string GetSource(IConfigurationSection section) =>
        section[CertificateSection.Path] is { Length: > 0 } path ? GetFullPath(path) : section[CertificateSection.Subject]!;

    private string GetFullPath(string path) => Path.Combine(environment.ContentRootPath, path);
}
