namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// The endpoint's current settings. They can change while a connection is open: an offer is judged by the current settings, and its
/// handshake uses the settings of its 101. A feature of connections that arrive while the endpoint does not upgrade.
/// </summary>
internal sealed class ActiveSettings
{
    private volatile SettingsSnapshot? _current;

    /// <summary>The settings, or <see langword="null"/> while the endpoint does not upgrade.</summary>
    public SettingsSnapshot? Current => _current;

    /// <summary>What happens to plaintext requests for resources that require TLS, also while the endpoint does not upgrade.</summary>
    public TlsUpgradeRequirement Requirement { get; private set; }

    public void Set(SettingsSnapshot settings)
    {
        Requirement = settings.Options.Requirement;
        _current = settings.Options.Enabled ? settings : null;
    }
}
