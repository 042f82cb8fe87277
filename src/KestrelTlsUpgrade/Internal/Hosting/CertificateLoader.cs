using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>
/// Has Kestrel load the certificates of the configuration, and says of one that is not usable what is wrong with it, where it is
/// named and what to do.
/// </summary>
internal sealed class CertificateLoader(TlsBranchServer server, IHostEnvironment environment, TimeProvider timeProvider)
{
    /// <exception cref="InvalidOperationException">The certificate is not usable.</exception>
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
                (_, https) => (certificate, chain) = (https.ServerCertificate, https.ServerCertificateChain),
                hasDefaultCertificate: false);
            TryOut(endpoint);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(CertificateDiagnosis.Explain(section, GetFullPath, exception), exception);
        }

        var origin = $"{section.Path} ({GetSource(section)})";
        Check(certificate!, origin);
        return new(certificate!, chain, origin);
    }

    /// <summary>Whether a certificate can be shown, wherever it is from.</summary>
    /// <exception cref="InvalidOperationException">It is out of date.</exception>
    public void Check(X509Certificate2 certificate, string origin)
    {
        if (CertificateValidity.FindFault(certificate, timeProvider.GetUtcNow()) is { } fault)
        {
            throw new InvalidOperationException($"The certificate of {origin}, {certificate.Subject}, {fault}");
        }
    }

    /// <summary>Kestrel looks at the purpose of the certificate and for its private key when it puts TLS together.</summary>
    private static void TryOut(ListenOptions endpoint)
    {
        endpoint.Use(static (ConnectionDelegate _) => static _ => Task.CompletedTask);
        endpoint.Build();
    }

    private string GetSource(IConfigurationSection section) =>
        section[CertificateSection.Path] is { Length: > 0 } path ? GetFullPath(path) : section[CertificateSection.Subject]!;

    private string GetFullPath(string path) => Path.Combine(environment.ContentRootPath, path);
}
