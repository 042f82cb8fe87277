using KestrelTlsUpgrade.Internal.Settings;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>An upgrade endpoint, as the background services (reload, health check, report) see it.</summary>
internal interface IUpgradeEndpoint
{
    /// <summary>The address as Kestrel announces it.</summary>
    string Address { get; }

    /// <summary>The active settings.</summary>
    SettingsSnapshot? Settings { get; }

    /// <summary>The state of the configuration that these are from.</summary>
    SettingsState State { get; }

    /// <summary>Why the state of the configuration is not the active one, if it could not be applied.</summary>
    string? ReloadFailure { get; set; }

    /// <summary>The state of the configuration now.</summary>
    SettingsState GetState();

    /// <summary>Applies the settings as they are now, for new connections. If that fails, nothing has changed.</summary>
    void Reload();
}
