using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// The layers of an endpoint's options. Later ones override earlier ones: the application's HTTPS defaults, the host's configuration
/// section, the endpoint's section, the host's code, the endpoint's code.
/// </summary>
internal sealed class OptionsLayers(
    IEnumerable<IConfigureOptions<TlsUpgradeOptions>> configureHost,
    IEnumerable<IPostConfigureOptions<TlsUpgradeOptions>> postConfigure,
    IEnumerable<IValidateOptions<TlsUpgradeOptions>> validate)
{
    private readonly CodeLayers<TlsUpgradeOptions> _code =
        new(configureHost.Where(static configure => configure is not ConfiguredDefaults), postConfigure, validate);

    /// <summary>Reads the options of an endpoint. Certificates of the configuration are loaded later.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="defaults">The application's HTTPS defaults.</param>
    /// <param name="sources">The sections of the configuration.</param>
    /// <param name="configureEndpoint">The endpoint's code.</param>
    /// <exception cref="OptionsValidationException">A setting is invalid.</exception>
    public TlsUpgradeOptions Read(
        ListenOptions endpoint,
        HttpsConnectionAdapterOptions defaults,
        SettingsSources sources,
        IEnumerable<Action<TlsUpgradeOptions>> configureEndpoint)
    {
        var options = new TlsUpgradeOptions();
        defaults.CopyTo(options.Https);
        ReadSections(sources.Sections, sources.EndpointName, options, SettingsSection.Stray.Find(endpoint));
        var failures = _code.Apply(options, endpoint, configureEndpoint);
        return failures.Length == 0
            ? options
            : throw new OptionsValidationException(Options.DefaultName, typeof(TlsUpgradeOptions), failures);
    }

    /// <exception cref="OptionsValidationException">Settings are invalid. The exception lists all of them.</exception>
    private static void ReadSections(
        IEnumerable<IConfigurationSection> sections, string name, TlsUpgradeOptions options, IEnumerable<string> found)
    {
        var errors = new List<string>(found);
        foreach (var section in sections)
        {
            SettingsSection.Read(section, options, errors);
        }

        if (errors.Count > 0)
        {
            throw new OptionsValidationException(name, typeof(TlsUpgradeOptions), errors);
        }
    }

    /// <summary>Applies the host's section <c>TlsUpgrade</c> before the settings made in code, for anyone who resolves the options.</summary>
    public sealed class ConfiguredDefaults(IConfiguration? configuration = null) : IConfigureOptions<TlsUpgradeOptions>
    {
        public void Configure(TlsUpgradeOptions options)
        {
            if (configuration is not null)
            {
                var retained = RetainedConfiguration.Of(configuration).Read(SettingsSection.Name);
                ReadSections([retained.GetSection(SettingsSection.Name)], Options.DefaultName, options, []);
            }
        }
    }
}
