using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Configuration;
using KestrelTlsUpgrade.Internal.Switching;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>Makes the settings of an endpoint, and has Kestrel load what they name.</summary>
internal sealed class SettingsLoader(
    TlsBranchServer server,
    CertificateLoader certificates,
    OptionsLayers layers,
    DevelopmentCertificate developmentCertificate,
    IHostEnvironment environment)
{
    /// <exception cref="OptionsValidationException">A setting cannot be taken.</exception>
    /// <exception cref="InvalidOperationException">There is no certificate, or one is not usable.</exception>
    public LoadedSettings Load(ListenOptions endpoint, SettingsSources sources, IReadOnlyCollection<Action<TlsUpgradeOptions>> configureEndpoint)
    {
        // All of the configuration is looked at before the first of it is used.
        var configured = new TlsUpgradeOptions();
        sources.Read(configured);
        try
        {
            if (configured.Enabled || IsEnabled())
            {
                return Load(endpoint, sources, configureEndpoint, hasCertificates: true);
            }
        }
        catch (InvalidOperationException)
        {
            // Code has the last word, and a certificate that nobody is shown may be a bad one.
            if (IsEnabled())
            {
                throw;
            }
        }

        return Load(endpoint, sources, configureEndpoint, hasCertificates: false);

        bool IsEnabled() => Load(endpoint, sources, configureEndpoint, hasCertificates: false).Options.Enabled;
    }

    /// <param name="endpoint">The endpoint.</param>
    /// <param name="sources">Its configuration.</param>
    /// <param name="configureEndpoint">Its code.</param>
    /// <param name="hasCertificates">False for an endpoint that is not to upgrade, and so needs none.</param>
    private LoadedSettings Load(
        ListenOptions endpoint, SettingsSources sources, IEnumerable<Action<TlsUpgradeOptions>> configureEndpoint, bool hasCertificates)
    {
        var forAll = hasCertificates && sources.Certificate is { } section ? certificates.Load(section) : null;
        var byName = (hasCertificates ? sources.Sni : [])
            .Select(entry => (Entry: entry, Certificate: entry.Certificate is null ? null : certificates.Load(entry.Certificate)))
            .ToArray();
        var options = new TlsUpgradeOptions();
        var ownHttps = new HttpsConnectionAdapterOptions();
        var tls = server.Load(
            sources.EndpointName,
            byName.SelectMany(static pair => pair.Entry.ToKestrel().Select(setting =>
                KeyValuePair.Create($"{SniSection.Key}:{pair.Entry.Name}:{setting.Key}", setting.Value))),
            (branch, https) =>
            {
                branch.Protocols = endpoint.Protocols;
                layers.Apply(options, https, forAll, sources, configureEndpoint);
                layers.Validate(endpoint, options);
                HttpsSettings.Copy(from: https, to: ownHttps);
                Complete(
                    endpoint,
                    options,
                    branch,
                    isUsed: options.Enabled && hasCertificates,
                    byName.Length == 0 ? null : [.. byName.Where(static pair => pair.Certificate is null).Select(static pair => pair.Entry.Name)]);
            },
            hasDefaultCertificate: hasCertificates);
        var branches = options.HandshakeCallback is null
            ? byName.Select(pair => LoadBranch(endpoint, sources, ownHttps, pair.Entry, pair.Certificate))
            : [];
        return new LoadedSettings(
            options,
            [.. GetCertificates(endpoint, options, forAll, byName.Select(static pair => pair.Certificate))],
            tls,
            [.. branches]);
    }

    private void Complete(ListenOptions endpoint, TlsUpgradeOptions options, ListenOptions branch, bool isUsed, string[]? namesWithout)
    {
        if (options.HandshakeCallback is { } callback)
        {
            options.HandshakeCallback = HandshakeRules.Apply(callback);
            branch.UseHttps(options.HandshakeCallback);
            return;
        }

        var https = options.Https;
        var hasCertificate = https is not { ServerCertificate: null, ServerCertificateSelector: null };
        if (!hasCertificate && !isUsed)
        {
            // Satisfies Kestrel, which loads no https endpoint without one. There is nobody to show it to.
            https.ServerCertificateSelector = static (_, _) => null;
        }
        else if (!hasCertificate && namesWithout is not [])
        {
            https.ServerCertificate = environment.IsDevelopment()
                ? developmentCertificate.Get()
                : throw new InvalidOperationException(
                    $"The endpoint {endpoint} upgrades to TLS but has no certificate{(namesWithout is null ? "" : $" for {string.Join(", ", namesWithout)}")}. Set TlsUpgrade:Certificate or Kestrel:Certificates:Default in the "
                    + "configuration (Path, and KeyPath or Password), or give it one in code: "
                    + "UseTlsUpgrade(options => options.Https.ServerCertificate = ...).");
        }

        HandshakeRules.Apply(https);
    }

    /// <summary>The TLS of connections that were upgraded by a request for a name that has settings of its own.</summary>
    private NamedBranch LoadBranch(
        ListenOptions endpoint,
        SettingsSources sources,
        HttpsConnectionAdapterOptions forAll,
        SniEntry entry,
        LoadedCertificate? certificate)
    {
        var terms = new TlsTerms(
            entry.ClientCertificateMode ?? forAll.ClientCertificateMode,
            HandshakeRules.OrDefault(entry.SslProtocols is { } versions and not SslProtocols.None ? versions : forAll.SslProtocols));
        var tls = server.Load(sources.EndpointName, [], (branch, https) =>
        {
            branch.Protocols = endpoint.Protocols;
            HttpsSettings.Copy(from: forAll, to: https);
            (https.ClientCertificateMode, https.SslProtocols) = terms;
            if (certificate is not null)
            {
                HttpsSettings.SetCertificate(https, certificate);
            }

            HandshakeRules.Apply(https);
            branch.UseHttps(https);
        });
        return new(entry.Name, tls, terms);
    }

    private IEnumerable<LoadedCertificate> GetCertificates(
        ListenOptions endpoint, TlsUpgradeOptions options, LoadedCertificate? forAll, IEnumerable<LoadedCertificate?> byName)
    {
        if (!options.Enabled || options.HandshakeCallback is not null)
        {
            yield break;
        }

        if (options.Https is { ServerCertificate: { } certificate, ServerCertificateSelector: null })
        {
            var loaded = ReferenceEquals(forAll?.Certificate, certificate)
                ? forAll
                : new LoadedCertificate(certificate, options.Https.ServerCertificateChain, $"the endpoint {endpoint}");
            certificates.Check(loaded.Certificate, loaded.Origin);
            yield return loaded;
        }

        foreach (var loaded in byName.OfType<LoadedCertificate>())
        {
            yield return loaded;
        }
    }
}
