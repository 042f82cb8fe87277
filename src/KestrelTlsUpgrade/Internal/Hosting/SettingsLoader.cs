using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Configuration;
using KestrelTlsUpgrade.Internal.Switching;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>
/// Makes the settings of an endpoint, step by step: the sections and the code give the options, the options the certificates, and
/// both the TLS branches.
/// </summary>
internal sealed class SettingsLoader(OptionsLayers layers, CertificateSources certificates, TlsBranchServer server)
{
    /// <exception cref="OptionsValidationException">A setting cannot be used.</exception>
    /// <exception cref="InvalidOperationException">There is no certificate, or one cannot be used.</exception>
    public LoadedSettings Load(ListenOptions endpoint, SettingsSources sources, IEnumerable<Action<TlsUpgradeOptions>> configureEndpoint)
    {
        var defaults = HttpsDefaults.Read(endpoint);
        var options = layers.Read(endpoint, defaults, sources, configureEndpoint);
        if (!options.Enabled)
        {
            return new LoadedSettings(options, EndpointCertificates.None, null, []);
        }

        if (options.HandshakeCallback is { } callback)
        {
            options.HandshakeCallback = HandshakeRules.Apply(callback);
            return new LoadedSettings(
                options, EndpointCertificates.None, Listen(endpoint, branch => branch.UseHttps(options.HandshakeCallback)), []);
        }

        var loaded = certificates.Load(endpoint, options.Https, defaults, sources);
        NamedBranch[] byName = [.. loaded.ByName.Select(named => CreateBranch(endpoint, options.Https, named))];
        HandshakeRules.Apply(options.Https);
        return new LoadedSettings(options, loaded, CreateBranch(endpoint, options.Https, sources, loaded), byName);
    }

    /// <summary>The TLS that goes by the server name of the client, if there are settings by server name.</summary>
    private ListenOptions CreateBranch(
        ListenOptions endpoint, HttpsConnectionAdapterOptions https, SettingsSources sources, EndpointCertificates certificates) =>
        certificates.ByName.Count == 0
            ? Listen(endpoint, branch => branch.UseHttps(https))
            : server.Load(
                sources.EndpointName,
                certificates.ByName.SelectMany(static named => named.Entry.ToKestrel().Select(setting =>
                    KeyValuePair.Create($"{SniSection.Key}:{named.Entry.Name}:{setting.Key}", setting.Value))),
                defaults: https,
                configure: (branch, _) => branch.Protocols = endpoint.Protocols);

    /// <summary>The TLS of connections that were upgraded by a request for a name that has settings of its own.</summary>
    private NamedBranch CreateBranch(ListenOptions endpoint, HttpsConnectionAdapterOptions forAll, NamedCertificate named)
    {
        var (entry, certificate) = named;
        var terms = new TlsTerms(
            entry.ClientCertificateMode ?? forAll.ClientCertificateMode,
            HandshakeRules.OrDefault(entry.SslProtocols is { } versions and not SslProtocols.None ? versions : forAll.SslProtocols));
        var https = new HttpsConnectionAdapterOptions();
        HttpsSettings.Copy(from: forAll, to: https);
        (https.ClientCertificateMode, https.SslProtocols) = terms;
        if (certificate is not null)
        {
            HttpsSettings.SetCertificate(https, certificate);
        }

        HandshakeRules.Apply(https);
        return new(entry.Name, Listen(endpoint, branch => branch.UseHttps(https)), terms);
    }

    private ListenOptions Listen(ListenOptions endpoint, Action<ListenOptions> configure) => server.Listen(branch =>
    {
        branch.Protocols = endpoint.Protocols;
        configure(branch);
    });
}
