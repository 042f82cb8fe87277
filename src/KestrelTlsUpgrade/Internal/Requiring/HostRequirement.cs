using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>
/// The host's setting for requests that did not arrive on one of our endpoints. Read again when the configuration has changed; settings
/// that cannot be read leave what was.
/// </summary>
internal sealed class HostRequirement(IOptionsFactory<TlsUpgradeOptions> options, IConfiguration? configuration = null)
{
    private readonly Lock _lock = new();
    private bool _isRead;
    private IConfigurationRoot? _source;
    private TlsUpgradeRequirement _current = TlsUpgradeRequirement.Enforce;

    public TlsUpgradeRequirement Current
    {
        get
        {
            lock (_lock)
            {
                var source = configuration is null ? null : RetainedConfiguration.Of(configuration).Read(SettingsSection.Name);
                if (!_isRead || !ReferenceEquals(source, _source))
                {
                    (_isRead, _source, _current) = (true, source, Read() ?? _current);
                }

                return _current;
            }
        }
    }

    private TlsUpgradeRequirement? Read()
    {
        try
        {
            return options.Create(Options.DefaultName).Requirement;
        }
        catch (OptionsValidationException)
        {
            // Reported where the settings of endpoints are loaded.
            return null;
        }
    }
}
