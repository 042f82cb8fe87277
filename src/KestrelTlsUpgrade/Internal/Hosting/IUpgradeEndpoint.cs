using KestrelTlsUpgrade.Internal.Configuration;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>An endpoint that can upgrade, as those see it who look after it while it runs.</summary>
internal interface IUpgradeEndpoint
{
    /// <summary>The address as Kestrel announces it.</summary>
    string Address { get; }

    /// <summary>What is in force.</summary>
    LoadedSettings? Settings { get; }

    /// <summary>The state of the configuration that these are from.</summary>
    SettingsState State { get; }

    /// <summary>The state of the configuration now.</summary>
    SettingsState GetState();

    /// <summary>Takes up the settings as they are now, for new connections. Where that fails, nothing has changed.</summary>
    void Reload();
}
