using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>A provider that tells of its changes by a token of its own, as one of a remote store does.</summary>
internal sealed class PushedSettings : ConfigurationProvider, IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public void Push(string key, string? value)
    {
        Set(key, value);
        OnReload();
    }

    /// <summary>Loses all settings, with or without telling.</summary>
    public void Empty(bool tells)
    {
        Data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (tells)
        {
            OnReload();
        }
    }
}
