using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace KestrelTlsUpgrade.Connections.Sections;

/// <summary>
/// Whether the last attempt to load a configuration file failed. The provider of a file that cannot be parsed loses its settings, and does
/// not tell; if the application ignores the failure, the provider tells of it as of any change. Only the handler for failed loads shows
/// both.
/// </summary>
internal sealed class ConfigurationFileLoad
{
    private static readonly ConditionalWeakTable<FileConfigurationProvider, ConfigurationFileLoad> All = [];

    /// <summary>A source can have several providers, one after another.</summary>
    private static readonly ConditionalWeakTable<FileConfigurationSource, object?> Watched = [];

    private readonly FileConfigurationProvider _provider;
    private readonly Lock _lock = new();
    private Exception? _failure;
    private bool _isAnnounced;

    private ConfigurationFileLoad(FileConfigurationProvider provider)
    {
        _provider = provider;
        lock (Watched)
        {
            if (Watched.TryAdd(provider.Source, null))
            {
                Watch(provider.Source);
            }
        }

        ChangeToken.OnChange(provider.GetReloadToken, OnLoaded);
    }

    /// <summary>What is wrong with the file; <see langword="null"/> if nothing is known to be.</summary>
    public UnreadConfiguration? Failure
    {
        get
        {
            lock (_lock)
            {
                return _failure is null ? null : new(Name, $"cannot be read: {Explain(_failure)}");
            }
        }
    }

    /// <summary>Whether there is a file.</summary>
    public bool Exists => Find() is { Exists: true };

    /// <summary>Changes whenever the file is written.</summary>
    public (DateTimeOffset?, long?) Stamp => Find() is { Exists: true } file ? (file.LastModified, file.Length) : default;

    /// <summary>The file as the subject of a sentence.</summary>
    public string Name => $"The configuration file {Find()?.PhysicalPath ?? _provider.Source.Path}";

    public static ConfigurationFileLoad Of(FileConfigurationProvider provider) => All.GetValue(provider, static provider => new(provider));

    private static void Watch(FileConfigurationSource source)
    {
        var handle = source.OnLoadException;
        source.OnLoadException = context =>
        {
            // The provider is empty by now, and the application's handler may take its time.
            All.TryGetValue(context.Provider, out var load);
            load?.OnFailed(context);
            try
            {
                handle?.Invoke(context);
            }
            finally
            {
                load?.OnFailed(context);
            }
        };
    }

    /// <summary>The messages of other parsers quote the line, which may hold a secret.</summary>
    private static string Explain(Exception failure) => failure.GetBaseException() switch
    {
        JsonException json => json.Message,
        IOException or UnauthorizedAccessException => failure.GetBaseException().Message,
        _ => "its content is malformed.",
    };

    private void OnFailed(FileLoadExceptionContext context)
    {
        lock (_lock)
        {
            (_failure, _isAnnounced) = (context.Exception, context.Ignore);
        }
    }

    private void OnLoaded()
    {
        lock (_lock)
        {
            // The token of an ignored failure fires for the failed load itself, and the next one for a successful load.
            _failure = _isAnnounced ? _failure : null;
            _isAnnounced = false;
        }
    }

    private Microsoft.Extensions.FileProviders.IFileInfo? Find() => _provider.Source.FileProvider?.GetFileInfo(_provider.Source.Path ?? "");
}
