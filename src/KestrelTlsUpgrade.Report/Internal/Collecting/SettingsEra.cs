namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>
/// Since when settings are in force. What was counted before says little of what happens under them. Thread-safe.
/// </summary>
internal sealed class SettingsEra
{
    private readonly Lock _lock = new();
    private string? _settings;
    private volatile int _number;

    /// <summary>The number of the era. It changes with the settings.</summary>
    public int Number => _number;

    /// <summary>When it began, as far as it has been noticed.</summary>
    public DateTimeOffset Since { get; private set; }

    /// <summary>The settings, once they are known.</summary>
    public string? Settings
    {
        get
        {
            lock (_lock)
            {
                return _settings;
            }
        }
    }

    /// <param name="settings">The settings of an earlier run of the application, if they are known.</param>
    /// <param name="since">Since when they were in force.</param>
    public void Start(string? settings, DateTimeOffset since)
    {
        lock (_lock)
        {
            (_settings, Since) = (settings, since);
        }
    }

    /// <summary>Begins an era if the settings are others than before.</summary>
    public void Note(string settings, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_settings is not null && _settings != settings)
            {
                _number++;
                Since = now;
            }

            _settings = settings;
        }
    }
}
