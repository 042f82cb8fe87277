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

    /// <summary>Why the state of the configuration is not the one in force, if it could not be taken up.</summary>
    string? ReloadFailure { get; set; }

    /// <summary>The state of the configuration now.</summary>
    SettingsState GetState();

    /// <summary>Takes up the settings as they are now, for new connections. Where that fails, nothing has changed.</summary>
    void Reload();
}
