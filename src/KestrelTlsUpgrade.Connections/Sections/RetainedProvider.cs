using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Primitives;

namespace KestrelTlsUpgrade.Connections.Sections;

/// <summary>The settings that a provider of the configuration last supplied for some sections, while it could be read.</summary>
/// <param name="provider">The provider.</param>
/// <param name="isChained">Whether it belongs to a configuration within the configuration, where an empty value counts as none.</param>
internal sealed class RetainedProvider(IConfigurationProvider provider, bool isChained)
{
    /// <summary>Several endpoints read within one look, and looks are a second apart.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(500);

    private readonly ConfigurationFileLoad? _file = provider is FileConfigurationProvider file ? ConfigurationFileLoad.Of(file) : null;

    /// <summary>A part of a JSON file is never valid.</summary>
    private readonly bool _isCompleteIfValid = provider is JsonConfigurationProvider;

    /// <summary>Another configuration, or a section of one: a part of it can fail while the rest remains.</summary>
    private readonly bool _isComposite = provider is not ConfigurationProvider;

    private Dictionary<string, string?> _settings = [];
    private ((DateTimeOffset?, long?) Stamp, Dictionary<string, string?> Settings, long Since)? _reduced;
    private IChangeToken? _token;
    private bool _hasTold;
    private bool _isKnown;

    public IConfigurationProvider Provider => provider;

    /// <summary>Why the settings are not the newest; <see langword="null"/> if they are.</summary>
    public UnreadConfiguration? Failure { get; private set; }

    /// <summary>Whether to look again, although no token has fired.</summary>
    public bool IsUnsettled => Failure is not null || _reduced is not null || (_settings.Count > 0 && _file?.Failure is not null);

    /// <summary>Takes a copy of the settings.</summary>
    /// <exception cref="InvalidOperationException">The application is just setting one.</exception>
    public void Read(IEnumerable<string> paths)
    {
        _hasTold |= _token is { HasChanged: true };
        _token = provider.GetReloadToken();
        var settings = Copy(paths);
        if (_isKnown && FindFailure(settings) is { } failure)
        {
            Failure = failure;
        }
        else if (!_isKnown || IsComplete(settings))
        {
            (_settings, _reduced, _hasTold, _isKnown, Failure) = (settings, null, false, true, null);
        }
    }

    /// <summary>Adds a section that was not asked for before.</summary>
    public void Include(string path)
    {
        foreach (var (key, value) in Copy([path]))
        {
            _settings[key] = value;
        }
    }

    /// <summary>The settings as a provider of their own. They do not change any more.</summary>
    public IConfigurationProvider ToProvider() => new Settings(new(_settings, StringComparer.OrdinalIgnoreCase));

    private UnreadConfiguration? FindFailure(Dictionary<string, string?> settings)
    {
        // A file without any of these sections is not ours to report.
        if (_settings.Count > 0 && _file?.Failure is { } failure)
        {
            return failure;
        }

        if (!HasLost(settings))
        {
            return null;
        }

        return _file is { Exists: false } ? new(_file.Name, "is gone.")
            : (settings.Count == 0 || _isComposite) && !_hasTold
                ? new(_file?.Name ?? $"The configuration of {provider}", "has lost its settings without a change.")
            : null;
    }

    /// <summary>
    /// A file that may be half-written removes settings only if it stays as it is until the next look. So does one that has none left:
    /// its provider is empty for a moment before a failure shows.
    /// </summary>
    private bool IsComplete(Dictionary<string, string?> settings)
    {
        if (_file is null || !HasLost(settings) || (_isCompleteIfValid && settings.Count > 0))
        {
            return true;
        }

        var stamp = _file.Stamp;
        if (_reduced is { } before && before.Stamp == stamp && before.Settings.Count == settings.Count
            && settings.All(setting => before.Settings.TryGetValue(setting.Key, out var value) && value == setting.Value))
        {
            return Stopwatch.GetElapsedTime(before.Since) >= Rest;
        }

        _reduced = (stamp, settings, Stopwatch.GetTimestamp());
        return false;
    }

    private bool HasLost(Dictionary<string, string?> settings) => _settings.Keys.Any(key => !settings.ContainsKey(key));

    private Dictionary<string, string?> Copy(IEnumerable<string> paths)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var path in paths)
        {
            CopyTo(settings, path);
        }

        return settings;
    }

    private void CopyTo(Dictionary<string, string?> settings, string path)
    {
        if (provider.TryGet(path, out var value) && !(isChained && string.IsNullOrEmpty(value)))
        {
            settings[path] = value;
        }

        foreach (var key in provider.GetChildKeys([], path).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            CopyTo(settings, ConfigurationPath.Combine(path, key));
        }
    }

    private sealed class Settings : ConfigurationProvider
    {
        public Settings(Dictionary<string, string?> data) => Data = data;
    }
}
