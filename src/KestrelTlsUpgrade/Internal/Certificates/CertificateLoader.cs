using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// Loads configured certificates with Kestrel's loader. If one is unusable, the exception says where it is configured, what is wrong and
/// what to do.
/// </summary>
internal sealed class CertificateLoader(TlsBranchFactory server, CertificateFiles files, SharedCertificates shared)
{
    /// <exception cref="InvalidOperationException">The certificate is unusable.</exception>
    public LoadedCertificate Load(IConfigurationSection section)
    {
        var settings = section.AsEnumerable(makePathsRelative: true).ToArray();
        var content = shared.Find(settings, [.. CertificateSection.GetFiles(section)], () => LoadContent(section, settings));
        return content.Fault is { } fault
            ? throw new UnusableCertificateException(section.Path, fault, content.Reason)
            : new(content.Certificate!, content.Chain, $"{section.Path} ({GetSource(section)})");
    }

    /// <summary>Loads the server's default certificate or, in Development, that of ASP.NET Core.</summary>
    /// <param name="kestrel">Kestrel's section of the configuration.</param>
    /// <param name="origin">Describes where the certificate is from, for messages.</param>
    /// <returns><see langword="null"/> if there is none.</returns>
    public LoadedCertificate? LoadDefault(IConfiguration? kestrel, string origin)
    {
        var section = kestrel?.GetSection(CertificateSection.ServerKey);
        var settings = section?.AsEnumerable(makePathsRelative: true).ToArray() ?? [];
        var named = section?.GetSection(CertificateSection.DefaultKey);
        var content = shared.Find(settings, named is null ? [] : [.. CertificateSection.GetFiles(named)], () => LoadDefaultContent(named, settings));
        if (content.Fault is { } fault)
        {
            throw new UnusableCertificateException(named!.Path, fault, content.Reason);
        }

        return content.Certificate is { } certificate ? new(certificate, content.Chain, origin) : null;
    }

    private CertificateContent LoadContent(IConfigurationSection section, KeyValuePair<string, string?>[] settings)
    {
        try
        {
            X509Certificate2? certificate = null;
            X509Certificate2Collection? chain = null;
            var endpoint = server.Load(
                SettingsSection.Name,
                settings.Select(static setting => KeyValuePair.Create($"{CertificateSection.Key}:{setting.Key}", setting.Value)),
                configure: (_, https) => (certificate, chain) = (https.ServerCertificate, https.ServerCertificateChain));
            if (!CertificateChain.IsPresentable(certificate!))
            {
                Validate(endpoint);
            }

            return new() { Certificate = certificate, Chain = chain is { Count: > 0 } ? chain : LoadIssuers(section, certificate!) };
        }
        catch (Exception exception)
        {
            return Explain(section, exception);
        }
    }

    private CertificateContent LoadDefaultContent(IConfigurationSection? section, KeyValuePair<string, string?>[] settings)
    {
        try
        {
            CertificateContent? loaded = null;
            server.Load(
                SettingsSection.Name,
                [],
                configure: (_, https) =>
                {
                    loaded = new() { Certificate = https.ServerCertificate, Chain = https.ServerCertificateChain };

                    // Kestrel does not create an https endpoint without a certificate.
                    https.ServerCertificateSelector = static (_, _) => null;
                },
                server: settings.Select(static setting => KeyValuePair.Create($"{CertificateSection.ServerKey}:{setting.Key}", setting.Value)));
            return loaded is { Certificate: { } certificate, Chain: null or { Count: 0 } } && section is not null
                ? new() { Certificate = certificate, Chain = LoadIssuers(section, certificate) }
                : loaded!;
        }
        catch (Exception exception) when (section is not null && section.Exists())
        {
            return Explain(section, exception);
        }
    }

    private CertificateContent Explain(IConfigurationSection section, Exception exception) => new()
    {
        Fault = CertificateDiagnosis.Explain(section, files.GetFullPath, exception),
        Reason = exception,
    };

    /// <summary>The other certificates of a PKCS #12 file, which Kestrel's loader leaves out. They are sent as those of a PEM file are.</summary>
    private X509Certificate2Collection? LoadIssuers(IConfigurationSection section, X509Certificate2 certificate)
    {
        if (section[CertificateSection.Path] is not { Length: > 0 } path
            || X509Certificate2.GetCertContentType(files.GetFullPath(path)) is not X509ContentType.Pkcs12)
        {
            return null;
        }

        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(files.GetFullPath(path), section[CertificateSection.Password]);
        var issuers = new X509Certificate2Collection();
        foreach (var other in all)
        {
            if (other.HasPrivateKey || other.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span))
            {
                other.Dispose();
            }
            else
            {
                issuers.Add(other);
            }
        }

        return issuers.Count > 0 ? issuers : null;
    }

    /// <summary>
    /// Kestrel checks a certificate's purpose and private key when it builds the TLS middleware. It also builds the chain then, which can
    /// take long, so this is only for a certificate that fails the check.
    /// </summary>
    private static void Validate(ListenOptions endpoint)
    {
        endpoint.Use(static (ConnectionDelegate _) => static _ => Task.CompletedTask);
        endpoint.Build();
    }

    private string GetSource(IConfigurationSection section) =>
        section[CertificateSection.Path] is { Length: > 0 } path ? files.GetFullPath(path) : section[CertificateSection.Subject]!;
}
