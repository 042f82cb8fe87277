using System.Globalization;
using System.Net;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using Microsoft.Extensions.Configuration;
using Reader = KestrelTlsUpgrade.Connections.Sections.SectionReader<KestrelTlsUpgrade.Tunnel.ConnectTunnelOptions>;

namespace KestrelTlsUpgrade.Tunnel.Internal.Configuration;

/// <summary>The configuration section <c>ConnectTunnel</c>.</summary>
internal static class TunnelSection
{
    public const string Name = "ConnectTunnel";

    private static readonly Reader Settings = new(new()
    {
        [nameof(ConnectTunnelOptions.Enabled)] = Reader.Switch(static (options, value) => options.Enabled = value),
        [nameof(ConnectTunnelOptions.AllowedPorts)] =
            Reader.List<int>(static options => options.AllowedPorts, TryReadPort, "a port, such as 443"),
        [nameof(ConnectTunnelOptions.AllowedOwnPorts)] =
            Reader.List<int>(static options => options.AllowedOwnPorts, TryReadPort, "a port, such as 8080"),
        [nameof(ConnectTunnelOptions.AllowedNetworks)] = Reader.Networks(static options => options.AllowedNetworks),
        [nameof(ConnectTunnelOptions.ServedHosts)] = Reader.List<string>(
            static options => options.ServedHosts, TryReadHost, "a host, such as www.example.com, www.example.com:8080, *.example.com or *"),
        [nameof(ConnectTunnelOptions.AuthorizationPolicy)] = Reader.Text(static (options, value) => options.AuthorizationPolicy = value),
        [nameof(ConnectTunnelOptions.ProxyChallenge)] = Reader.Text(static (options, value) => options.ProxyChallenge = value),
        [nameof(ConnectTunnelOptions.MaxTunnels)] = Reader.Count(static (options, value) => options.MaxTunnels = value),
        [nameof(ConnectTunnelOptions.MaxTunnelsPerCaller)] = Reader.Count(static (options, value) => options.MaxTunnelsPerCaller = value),
        [nameof(ConnectTunnelOptions.ConnectTimeout)] = Reader.Time(static (options, value) => options.ConnectTimeout = value),
        [nameof(ConnectTunnelOptions.IdleTimeout)] = Reader.Time(static (options, value) => options.IdleTimeout = value),
        [nameof(ConnectTunnelOptions.LingerTimeout)] = Reader.Time(static (options, value) => options.LingerTimeout = value),
        [nameof(ConnectTunnelOptions.UpstreamProxy)] = static (options, setting, errors) =>
            options.UpstreamProxy = ReadUri(setting, errors),
        [nameof(ConnectTunnelOptions.ForwardProxyAuthorization)] =
            Reader.Switch(static (options, value) => options.ForwardProxyAuthorization = value),
    });

    /// <summary>Sections that are meant to be this one.</summary>
    public static StraySections Stray { get; } = new(Name, Settings.Keys, isReadOfEndpoints: false);

    public static void Read(IConfigurationSection section, ConnectTunnelOptions options, List<string> errors) =>
        Settings.Read(section, options, errors);

    private static bool TryReadPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= IPEndPoint.MaxPort;

    private static bool TryReadHost(string text, out string host)
    {
        host = text;
        return ServedHost.Parse(text) is not null;
    }

    private static Uri? ReadUri(IConfigurationSection setting, List<string> errors)
    {
        if (Uri.TryCreate(setting.Value, UriKind.Absolute, out var uri))
        {
            return uri;
        }

        // The value is left out because it may contain credentials.
        errors.Add($"{setting.Path} is not a URI. Use http://proxy:port or https://proxy:port.");
        return null;
    }
}
