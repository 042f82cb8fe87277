using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace KestrelTlsUpgrade.Connections.Sections;

/// <summary>
/// Sections of a configuration that do not vanish because a provider fails. The configuration itself answers as if the settings of a
/// file that cannot be read had never been made, and an endpoint would go on without its rules. Here, the last
/// settings that a provider supplied stay in force. Providers are read again when the configuration's token fires.
/// </summary>
internal sealed class RetainedConfiguration
{
    private static readonly ConditionalWeakTable<IConfiguration, RetainedConfiguration> All = [];

    private readonly IConfiguration _source;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _paths = new(StringComparer.OrdinalIgnoreCase);
    private RetainedProvider[] _providers = [];
    private IChangeToken? _token;
    private IConfigurationRoot _current = new ConfigurationRoot([]);

    private RetainedConfiguration(IConfiguration source) => _source = source;

    /// <summary>The parts that could not be read, so that their settings are those before.</summary>
    public IReadOnlyList<UnreadConfiguration> Unread { get; private set; } = [];

    /// <summary>The retained configuration of a whole configuration.</summary>
    public static RetainedConfiguration Of(IConfiguration configuration) => All.GetValue(configuration, static source => new(source));

    /// <summary>Finds a section in the configuration that it belongs to.</summary>
    /// <param name="section">The section, or a whole configuration.</param>
    /// <param name="host">The configuration of the host, to which it usually belongs.</param>
    /// <returns>The configuration, and the path of the section in it.</returns>
    public static (RetainedConfiguration Configuration, string Path) Find(IConfiguration section, IConfiguration? host)
    {
        var path = (section as IConfigurationSection)?.Path ?? "";
        return (Of(host is not null && HaveSameRoot(section, host) ? host : section), path);
    }

    /// <summary>Reads what has changed, and returns the sections that were asked for so far and these.</summary>
    public IConfigurationRoot Read(params ReadOnlySpan<string> paths)
    {
        lock (_lock)
        {
            foreach (var path in paths)
            {
                if (_paths.Add(path))
                {
                    Array.ForEach(_providers, provider => provider.Include(path));
                    _current = Compose();
                }
            }

            if (_token is null or { HasChanged: true } || _providers.Any(static provider => provider.IsUnsettled))
            {
                ReadAgain();
            }

            return _current;
        }
    }

    /// <summary>A section does not tell its root, but has the root's token.</summary>
    private static bool HaveSameRoot(IConfiguration section, IConfiguration host)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            if (ReferenceEquals(section.GetReloadToken(), host.GetReloadToken()))
            {
                return true;
            }

            // Unless the token fired in between.
        }

        return false;
    }

    private static IEnumerable<(IConfigurationProvider Provider, bool IsChained)> FindProviders(IConfiguration source, bool isChained) =>
        source is IConfigurationRoot root
            ? root.Providers.SelectMany(provider => provider is ChainedConfigurationProvider { Configuration: IConfigurationRoot inner }
                ? FindProviders(inner, isChained: true)
                : [(provider, isChained)])
            : [(new OpaqueProvider(source), isChained)];

    private void ReadAgain()
    {
        // Taken first, so that a change during the reading is read next time.
        var token = _source.GetReloadToken();
        var known = _providers;
        _providers =
        [
            .. FindProviders(_source, isChained: false).Select(found =>
                Array.Find(known, provider => provider.Provider.Equals(found.Provider)) ?? new RetainedProvider(found.Provider, found.IsChained)),
        ];
        foreach (var provider in _providers)
        {
            provider.Read(_paths);
        }

        _token = token;
        Unread = [.. _providers.Select(static provider => provider.Failure).OfType<UnreadConfiguration>().Distinct()];
        _current = Compose();
    }

    private ConfigurationRoot Compose() => new([.. _providers.Select(static provider => provider.ToProvider())]);

    /// <summary>A configuration that does not show its providers.</summary>
    private sealed class OpaqueProvider(IConfiguration configuration) : IConfigurationProvider
    {
        private readonly string _path = (configuration as IConfigurationSection)?.Path ?? "";

        public bool TryGet(string key, out string? value) => (value = Find(key)?.Value) is not null;

        public void Set(string key, string? value) => throw new NotSupportedException();

        public IChangeToken GetReloadToken() => configuration.GetReloadToken();

        public void Load()
        {
        }

        public IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) =>
            Find(parentPath ?? "")?.GetChildren().Select(static child => child.Key) ?? [];

        public override bool Equals(object? obj) => obj is OpaqueProvider other && other.Source == configuration;

        public override int GetHashCode() => configuration.GetHashCode();

        public override string ToString() => _path;

        private IConfiguration Source => configuration;

        private IConfigurationSection? Find(string path) =>
            _path.Length == 0 ? configuration.GetSection(path)
            : path.StartsWith(_path + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase)
                ? configuration.GetSection(path[(_path.Length + 1)..])
            : null;
    }
}
