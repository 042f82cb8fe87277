using System.Globalization;
using System.Net;
using KestrelTlsUpgrade.Internal.Configuration;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Tunnel.Internal.Configuration;

/// <summary>
/// Reads the section <c>ConnectTunnel</c>. Stricter than a binder: what it does not know, or cannot take, is an error, because a
/// setting that is silently not taken is one that its owner relies on.
/// </summary>
internal static class TunnelSection
{
    public const string Name = "ConnectTunnel";

    private delegate void Reader(ConnectTunnelOptions options, IConfigurationSection setting, List<string> errors);

    private static readonly Dictionary<string, Reader> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(ConnectTunnelOptions.Enabled)] = (options, setting, errors) =>
            options.Enabled = SettingValue.ReadSwitch(setting, errors) ?? options.Enabled,
        [nameof(ConnectTunnelOptions.AllowedPorts)] = (options, setting, errors) =>
            Replace(options.AllowedPorts, SettingValue.ReadList(setting, ReadPort, "a port, such as 443", errors)),
        [nameof(ConnectTunnelOptions.AllowedNetworks)] = (options, setting, errors) =>
            Replace(options.AllowedNetworks, SettingValue.ReadList(setting, ReadNetwork, "a network, such as 10.1.0.0/16", errors)),
        [nameof(ConnectTunnelOptions.AuthorizationPolicy)] = (options, setting, errors) =>
            options.AuthorizationPolicy = ReadText(setting, errors),
        [nameof(ConnectTunnelOptions.ProxyChallenge)] = (options, setting, errors) =>
            options.ProxyChallenge = ReadText(setting, errors),
        [nameof(ConnectTunnelOptions.MaxTunnels)] = (options, setting, errors) =>
            options.MaxTunnels = SettingValue.ReadCount(setting, errors) ?? options.MaxTunnels,
        [nameof(ConnectTunnelOptions.MaxTunnelsPerCaller)] = (options, setting, errors) =>
            options.MaxTunnelsPerCaller = SettingValue.ReadCount(setting, errors) ?? options.MaxTunnelsPerCaller,
        [nameof(ConnectTunnelOptions.ConnectTimeout)] = (options, setting, errors) =>
            options.ConnectTimeout = SettingValue.ReadTime(setting, errors) ?? options.ConnectTimeout,
        [nameof(ConnectTunnelOptions.IdleTimeout)] = (options, setting, errors) =>
            options.IdleTimeout = SettingValue.ReadTime(setting, errors) ?? options.IdleTimeout,
        [nameof(ConnectTunnelOptions.LingerTimeout)] = (options, setting, errors) =>
            options.LingerTimeout = SettingValue.ReadTime(setting, errors) ?? options.LingerTimeout,
        [nameof(ConnectTunnelOptions.UpstreamProxy)] = (options, setting, errors) =>
            options.UpstreamProxy = ReadUri(setting, errors),
        [nameof(ConnectTunnelOptions.ForwardProxyAuthorization)] = (options, setting, errors) =>
            options.ForwardProxyAuthorization = SettingValue.ReadSwitch(setting, errors) ?? options.ForwardProxyAuthorization,
    };

    public static IReadOnlyCollection<string> Keys => Settings.Keys;

    public static void Read(IConfigurationSection section, ConnectTunnelOptions options, List<string> errors)
    {
        SettingValue.CheckSection(section, Keys, errors);
        foreach (var setting in section.GetChildren())
        {
            if (Settings.TryGetValue(setting.Key, out var read))
            {
                read(options, setting, errors);
            }
            else
            {
                errors.Add(SettingValue.NotKnown(setting, Keys));
            }
        }
    }

    private static void Replace<T>(IList<T> list, List<T>? values)
    {
        if (values is not null)
        {
            list.Clear();
            values.ForEach(list.Add);
        }
    }

    private static int? ReadPort(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= IPEndPoint.MaxPort
            ? port
            : null;

    private static IPNetwork? ReadNetwork(string text) => IPNetwork.TryParse(text, out var network) ? network : null;

    private static string? ReadText(IConfigurationSection setting, List<string> errors)
    {
        SettingValue.CheckText(setting, errors);
        return setting.Value;
    }

    private static Uri? ReadUri(IConfigurationSection setting, List<string> errors)
    {
        if (Uri.TryCreate(setting.Value, UriKind.Absolute, out var uri))
        {
            return uri;
        }

        // Without the value: it may have credentials in it.
        errors.Add($"{setting.Path} is not a URI. Use http://proxy:port or https://proxy:port.");
        return null;
    }
}
