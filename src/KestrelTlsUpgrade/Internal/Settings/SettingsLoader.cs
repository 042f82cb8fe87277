using System.Security.Authentication;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Fallback;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// Loads the settings of an endpoint in steps: sections and code make the options, the options the certificates, and both the TLS branches.
/// </summary>
internal sealed class SettingsLoader(
    OptionsLayers layers,
    CertificateSources certificates,
    CertificateFiles files,
    PresentedCertificates presented,
    TlsBranchFactory branches,
    ConnectionServices services,
    SettingsWarnings warnings,
    FallbackMemories memories,
    IConfiguration? configuration = null)
{
    private readonly HttpsDefaults _defaults = new();

    /// <summary>Finds the configuration of an endpoint. Must be called before the endpoint is bound.</summary>
    public SettingsLocation Locate(ListenOptions endpoint) => SettingsLocation.Of(endpoint, configuration);

    /// <summary>The certificate files of an endpoint that do not answer.</summary>
    public IEnumerable<UnreadConfiguration> FindUnanswered(SettingsSources sources) => files.FindUnanswered(sources.Files);

    public SettingsState GetState(SettingsSources sources) => SettingsState.Of(sources, files);

    /// <summary>Reads the options alone, without certificates.</summary>
    /// <exception cref="OptionsValidationException">A setting is invalid.</exception>
    public TlsUpgradeOptions ReadOptions(
        ListenOptions endpoint, SettingsSources sources, IEnumerable<Action<TlsUpgradeOptions>> configureEndpoint) =>
        layers.Read(endpoint, _defaults.Read(endpoint, sources.IsStale), sources, configureEndpoint);

    /// <param name="endpoint">The endpoint.</param>
    /// <param name="sources">Its configuration.</param>
    /// <param name="configureEndpoint">Its code.</param>
    /// <param name="before">The settings to be replaced.</param>
    /// <exception cref="OptionsValidationException">A setting is invalid.</exception>
    /// <exception cref="InvalidOperationException">There is no certificate, one is unusable, or there is no cache to share with.</exception>
    public SettingsSnapshot Load(
        ListenOptions endpoint, SettingsSources sources, IEnumerable<Action<TlsUpgradeOptions>> configureEndpoint, SettingsSnapshot? before)
    {
        var defaults = _defaults.Read(endpoint, sources.IsStale);
        var options = layers.Read(endpoint, defaults, sources, configureEndpoint);
        var snapshot = !options.Enabled ? CreateSnapshot(endpoint, options, EndpointCertificates.None, null, [])
            : options.HandshakeCallback is { } callback ? LoadCallback(endpoint, options, callback)
            : LoadCertificates(endpoint, options, defaults, sources, before);
        warnings.WriteRequirement(endpoint, options);
        if (options.Enabled)
        {
            warnings.Write(endpoint, options, sources.HttpsSettings);
        }

        if (before is not null)
        {
            warnings.WriteChange(endpoint, before.Options, options);
        }

        return snapshot;
    }

    private SettingsSnapshot LoadCallback(ListenOptions endpoint, TlsUpgradeOptions options, TlsHandshakeCallbackOptions callback)
    {
        options.HandshakeCallback = HandshakeRules.Apply(callback);
        var tls = Listen(endpoint, branch => branch.UseHttps(options.HandshakeCallback));
        return CreateSnapshot(endpoint, options, EndpointCertificates.None, tls, []);
    }

    private SettingsSnapshot LoadCertificates(
        ListenOptions endpoint,
        TlsUpgradeOptions options,
        HttpsConnectionAdapterOptions defaults,
        SettingsSources sources,
        SettingsSnapshot? before)
    {
        // A renewal that has gone wrong must not replace a valid certificate.
        var mustBeValid = !options.AllowExpiredCertificate || (before is not null && certificates.AreValid(before.Certificates));
        var loaded = presented.Find(certificates.Load(endpoint, options.Https, defaults, sources, mustBeValid));
        NamedBranch[] byName = [.. loaded.ByName.Select(named => CreateBranch(endpoint, options.Https, named, loaded.ForAll))];
        HandshakeRules.Apply(options.Https);
        return CreateSnapshot(endpoint, options, loaded, CreateBranch(endpoint, options.Https, sources, loaded), byName);
    }

    private SettingsSnapshot CreateSnapshot(
        ListenOptions endpoint, TlsUpgradeOptions options, EndpointCertificates loaded, ConnectionDelegate? tls, NamedBranch[] byName)
    {
        var requirementsByName = new ServerNameTable<SniRequirements>(byName.Select(static branch => KeyValuePair.Create(branch.Name, branch.Requirements)));
        return new()
        {
            Options = options,
            Certificates = [.. loaded.All],
            Rules = ClientRules.Create(options, requirementsByName),
            Policy = UpgradePolicy.Create(endpoint, options, requirementsByName),
            RequirementsByName = requirementsByName,
            Tls = tls is null ? null : new(tls, new(byName.Select(static branch => KeyValuePair.Create(branch.Name, branch.Tls)))),
            Fallback = options.Enabled ? memories.Create(options, loaded.All) : null,
            Services = services,
        };
    }

    /// <summary>Creates the default branch. If settings depend on the server name, Kestrel selects them by the client's.</summary>
    private ConnectionDelegate CreateBranch(
        ListenOptions endpoint, HttpsConnectionAdapterOptions https, SettingsSources sources, EndpointCertificates certificates) =>
        certificates.ByName.Count == 0
            ? Listen(endpoint, branch => branch.UseHttps(PresentedCertificates.Present(https, certificates.ForAll)))
            : Build(branches.Load(
                sources.EndpointName,
                certificates.ByName.SelectMany(static named => named.Entry.ToKestrel().Select(setting =>
                    KeyValuePair.Create($"{SniSection.Key}:{named.Entry.Name}:{setting.Key}", setting.Value))),
                defaults: PresentedCertificates.Present(https, certificates),
                configure: (branch, _) => branch.Protocols = endpoint.Protocols));

    /// <summary>Creates the branch of connections that were upgraded for a host with its own settings.</summary>
    private NamedBranch CreateBranch(ListenOptions endpoint, HttpsConnectionAdapterOptions forAll, NamedCertificate named, LoadedCertificate? other)
    {
        var (entry, certificate) = named;
        var requirements = new SniRequirements(
            entry.ClientCertificateMode ?? forAll.ClientCertificateMode,
            HandshakeRules.OrDefault(entry.SslProtocols is { } versions and not SslProtocols.None ? versions : forAll.SslProtocols));
        var https = new HttpsConnectionAdapterOptions();
        forAll.CopyTo(https);
        (https.ClientCertificateMode, https.SslProtocols) = requirements;
        certificate?.ApplyTo(https);
        HandshakeRules.Apply(https);
        return new(entry.Name, Listen(endpoint, branch => branch.UseHttps(PresentedCertificates.Present(https, certificate ?? other))), requirements);
    }

    private ConnectionDelegate Listen(ListenOptions endpoint, Action<ListenOptions> configure) => Build(branches.Listen(branch =>
    {
        branch.Protocols = endpoint.Protocols;
        configure(branch);
    }));

    private static ConnectionDelegate Build(ListenOptions branch)
    {
        branch.Use(static _ => SecuredConnection.OnConnectionAsync);
        return branch.Build();
    }

    /// <summary>The TLS pipeline of a server name with its own settings.</summary>
    private sealed record NamedBranch(string Name, ConnectionDelegate Tls, SniRequirements Requirements);
}
