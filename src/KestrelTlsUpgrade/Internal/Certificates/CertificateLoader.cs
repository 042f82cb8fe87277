using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// Loads configured certificates with Kestrel's loader, each once for all endpoints. If one is unusable, the exception says where it is
/// configured, what is wrong and what to do.
/// </summary>
internal sealed class CertificateLoader(
    TlsBranchFactory server, CertificateFiles files, DetachedWork work, IHostApplicationLifetime lifetime)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Loaded> _loaded = [];

    /// <exception cref="InvalidOperationException">The certificate is unusable.</exception>
    public LoadedCertificate Load(IConfigurationSection section)
    {
        var settings = section.AsEnumerable(makePathsRelative: true).ToArray();
        var content = Find(settings, [.. CertificateSection.GetFiles(section)], () => LoadContent(section, settings));
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
        var content = Find(settings, named is null ? [] : [.. CertificateSection.GetFiles(named)], () => LoadDefaultContent(named, settings));
        if (content.Fault is { } fault)
        {
            throw new UnusableCertificateException(named!.Path, fault, content.Reason);
        }

        return content.Certificate is { } certificate ? new(certificate, content.Chain, origin) : null;
    }

    /// <summary>Finds a content that another endpoint has loaded, or loads it.</summary>
    private Content Find(KeyValuePair<string, string?>[] settings, string[] paths, Func<Content> load)
    {
        if (Array.Find(paths, path => !files.HasAnswered(path)) is { } unknown)
        {
            return DoesNotAnswer(unknown);
        }

        var key = GetKey(settings, paths);
        lock (_lock)
        {
            var look = files.Look;
            if (_loaded.TryGetValue(key, out var known) && known.Find(look) is { } found)
            {
                return found;
            }

            foreach (var (gone, _) in _loaded.Where(pair => pair.Value.Find(look) is null).ToArray())
            {
                _loaded.Remove(gone);
            }

            // It has answered before, but the thread that loads it now would be lost, with every attempt.
            if (Array.Find(paths, files.IsSilent) is { } silent)
            {
                return DoesNotAnswer(silent);
            }

            Content? content = null;
            var isUnchanged = false;
            var hasEnded = work.TryRun(
                () =>
                {
                    content = load();
                    isUnchanged = paths.All(files.IsUnchanged);
                },
                CertificateFiles.StartLimit,
                lifetime.ApplicationStopping);
            if (!hasEnded)
            {
                content = new() { Fault = " cannot be loaded: its file does not answer, as those of a hung network mount." };
            }
            else if (!isUnchanged)
            {
                // This is not the content of its hash.
                return content!;
            }

            _loaded[key] = new(content!, look, isFromFiles: paths.Length > 0);
            return content!;
        }
    }

    private Content DoesNotAnswer(string path) => new() { Fault = $": {files.GetFullPath(path)} does not answer, as files of a hung network mount." };

    private Content LoadContent(IConfigurationSection section, KeyValuePair<string, string?>[] settings)
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

    private Content LoadDefaultContent(IConfigurationSection? section, KeyValuePair<string, string?>[] settings)
    {
        try
        {
            Content? loaded = null;
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

    private Content Explain(IConfigurationSection section, Exception exception) => new()
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

    /// <summary>The same for the same settings and contents of files, whichever section names them.</summary>
    private string GetKey(IEnumerable<KeyValuePair<string, string?>> settings, IEnumerable<string> paths)
    {
        var key = new StringBuilder();
        foreach (var (name, value) in settings.OrderBy(static setting => setting.Key, StringComparer.OrdinalIgnoreCase))
        {
            key.Append(name.ToUpperInvariant()).Append('=').Append(value?.Length ?? -1).Append(':').Append(value);
        }

        foreach (var path in paths)
        {
            key.Append('/').Append(Convert.ToHexString(files.GetContentHash(path)));
        }

        // No password stays in memory on this account.
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())));
    }

    private string GetSource(IConfigurationSection section) =>
        section[CertificateSection.Path] is { Length: > 0 } path ? files.GetFullPath(path) : section[CertificateSection.Subject]!;

    /// <summary>What was loaded, or why it could not be.</summary>
    private sealed record Content
    {
        public X509Certificate2? Certificate { get; init; }

        public X509Certificate2Collection? Chain { get; init; }

        /// <summary>What is wrong, to append to the path of the section.</summary>
        public string? Fault { get; init; }

        public Exception? Reason { get; init; }
    }

    /// <summary>A content that later endpoints can share: within the look, and a certificate from files as long as an endpoint uses it.</summary>
    private sealed class Loaded(Content content, int look, bool isFromFiles)
    {
        private readonly WeakReference<X509Certificate2>? _certificate =
            isFromFiles && content.Certificate is { } certificate ? new(certificate) : null;

        private readonly X509Certificate2Collection? _chain = content.Chain;
        private Content? _content = content;

        public Content? Find(int current)
        {
            if (current == look)
            {
                return _content;
            }

            _content = null;
            return _certificate is not null && _certificate.TryGetTarget(out var certificate) ? new() { Certificate = certificate, Chain = _chain } : null;
        }
    }
}
