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
        ReadSections(sources.Sections, sources.EndpointName, options);

        // The sections have been read, so their layer for those who resolve the options is left out.
        foreach (var configure in configureHost.Where(static configure => configure is not ConfiguredDefaults))
        {
            configure.Configure(options);
        }

        foreach (var configure in configureEndpoint)
        {
            configure(options);
        }

        foreach (var configure in postConfigure)
        {
            configure.PostConfigure(Options.DefaultName, options);
        }

        Validate(endpoint, options);
        return options;
    }

    /// <exception cref="OptionsValidationException">Settings are invalid. The exception lists all of them.</exception>
    private static void ReadSections(IEnumerable<IConfigurationSection> sections, string name, TlsUpgradeOptions options)
    {
        var errors = new List<string>();
        foreach (var section in sections)
        {
            SettingsSection.Read(section, options, errors);
        }

        if (errors.Count > 0)
        {
            throw new OptionsValidationException(name, typeof(TlsUpgradeOptions), errors);
        }
    }

    private void Validate(ListenOptions endpoint, TlsUpgradeOptions options)
    {
        var failures = validate
            .Select(validator => validator.Validate(Options.DefaultName, options))
            .Where(static result => result.Failed)
            .SelectMany(static result => result.Failures!)
            .Select(failure => $"The endpoint {endpoint}: {failure}")
            .ToArray();
        if (failures.Length > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(TlsUpgradeOptions), failures);
        }
    }

    /// <summary>Applies the host's section <c>TlsUpgrade</c> before the settings made in code, for anyone who resolves the options.</summary>
    public sealed class ConfiguredDefaults(IConfiguration? configuration = null) : IConfigureOptions<TlsUpgradeOptions>
    {
        public void Configure(TlsUpgradeOptions options)
        {
            if (configuration is not null)
            {
                ReadSections([configuration.GetSection(SettingsSection.Name)], Options.DefaultName, options);
            }
        }
    }
}
