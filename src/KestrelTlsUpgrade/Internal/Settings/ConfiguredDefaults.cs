using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// The host's settings from the section <c>TlsUpgrade</c>, before those that are set in code, for whoever asks for the options.
/// </summary>
internal sealed class ConfiguredDefaults(IConfiguration? configuration = null) : IConfigureOptions<TlsUpgradeOptions>
{
    public void Configure(TlsUpgradeOptions options)
    {
        if (configuration is null)
        {
            return;
        }

        var errors = new List<string>();
        SettingsSection.Read(configuration.GetSection(SettingsSection.Name), options, errors);
        if (errors.Count > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(TlsUpgradeOptions), errors);
        }
    }
}
