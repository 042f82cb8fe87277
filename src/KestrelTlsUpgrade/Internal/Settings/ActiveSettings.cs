namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// The endpoint's current settings, or <see langword="null"/> while the endpoint does not upgrade. They can change while a connection is
/// open: an offer is judged by the current settings, and its handshake uses the settings of its 101.
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
