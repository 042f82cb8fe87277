using KestrelTlsUpgrade.Internal.Settings;

namespace KestrelTlsUpgrade.Internal.Connections;

/// <summary>
/// The settings that an endpoint has now, or <see langword="null"/> while nothing is upgraded. They change while connections last: an
/// offer is judged by the settings of the moment, and its TLS uses those of its 101.
/// </summary>
internal sealed class ActiveSettings
{
    private volatile SettingsSnapshot? _current;

    public SettingsSnapshot? Current
    {
        get => _current;
        set => _current = value;
    }
}
