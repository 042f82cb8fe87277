using KestrelTlsUpgrade.Connections.Sections;
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

    /// <summary>Why the current configuration could not be read or applied; <see langword="null"/> if it was.</summary>
    string? ReloadFailure { get; set; }

    /// <summary>The parts of the configuration that could not be read, so that the state is the one before.</summary>
    IEnumerable<UnreadConfiguration> Unread { get; }

    /// <summary>Reads the current configuration state.</summary>
    SettingsState GetState();

    /// <summary>Loads the current settings for new connections. On failure, the active settings stay.</summary>
    void Reload();
}
