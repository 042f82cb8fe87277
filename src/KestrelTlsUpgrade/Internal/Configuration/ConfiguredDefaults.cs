using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Configuration;

/// <summary>The host's settings from the section <c>TlsUpgrade</c>, before those that are set in code.</summary>
internal sealed class ConfiguredDefaults(IConfiguration? configuration = null) : IConfigureOptions<TlsUpgradeOptions>
{
    public const string SectionName = "TlsUpgrade";

    public void Configure(TlsUpgradeOptions options)
    {
        if (configuration is not null)
        {
            SettingsSection.Read(configuration.GetSection(SectionName), options);
        }
    }
}
