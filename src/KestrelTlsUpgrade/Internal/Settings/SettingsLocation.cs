using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>Where the settings of an endpoint are in the configuration.</summary>
internal sealed class SettingsLocation
{
    /// <summary>The key of Kestrel's defaults for the TLS of its endpoints.</summary>
    public const string DefaultsKey = "EndpointDefaults";

    private readonly RetainedConfiguration? _host;
    private readonly RetainedConfiguration? _server;
    private readonly string[] _serverPath = [];
    private readonly string? _own;

    private SettingsLocation(IConfiguration? host, IConfigurationSection? own, (RetainedConfiguration Configuration, string[] Path)? server)
    {
        _host = host is null ? null : RetainedConfiguration.Of(host);
        _own = own?.Path;
        (_server, _serverPath) = server is var (configuration, path) ? (configuration, path) : (null, []);
    }

    /// <summary>Why newer settings could not be read.</summary>
    public IEnumerable<UnreadConfiguration> Unread => (_host?.Unread ?? []).Concat(_server is null || _server == _host ? [] : _server.Unread);

    /// <summary>Finds the settings of an endpoint before it is bound. Its own section is the one whose address is that of the endpoint.</summary>
    public static SettingsLocation Of(ListenOptions endpoint, IConfiguration? configuration) => new(
        configuration,
        EndpointSections.Find(endpoint, SettingsSection.Name),
        EndpointSections.Retain(endpoint.KestrelServerOptions));

    /// <summary>Reads the settings, if the configuration has changed.</summary>
    public SettingsSources Read()
    {
        var host = _host?.Read(SettingsSection.Name);
        IConfiguration? server = _server?.Read(GetServerPath(DefaultsKey), GetServerPath(CertificateSection.ServerKey));
        return new(
            host?.GetSection(SettingsSection.Name),
            _own is null ? null : server?.GetSection(_own),
            _serverPath is [var path] ? server?.GetSection(path) : server,
            Unread.Any());
    }

    private string GetServerPath(string key) => ConfigurationPath.Combine([.. _serverPath, key]);
}
