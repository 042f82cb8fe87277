using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>Applies the host's section <c>TlsUpgrade</c> before the settings made in code, for anyone who resolves the options.</summary>
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
