using KestrelTlsUpgrade.Internal.Settings;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>An upgrade endpoint, as the background services (reload, health check, report) see it.</summary>
internal interface IUpgradeEndpoint
{
    /// <summary>The address as Kestrel announces it.</summary>
    string Address { get; }

    /// <summary>The active settings.</summary>
    SettingsSnapshot? Settings { get; }

    /// <summary>The configuration state from which the active settings were loaded.</summary>
    SettingsState State { get; }

    /// <summary>Why the current configuration state could not be applied; <see langword="null"/> if it was.</summary>
    string? ReloadFailure { get; set; }

    /// <summary>Reads the current configuration state.</summary>
    SettingsState GetState();

    /// <summary>Loads the current settings for new connections. On failure, the active settings stay.</summary>
    void Reload();
}
