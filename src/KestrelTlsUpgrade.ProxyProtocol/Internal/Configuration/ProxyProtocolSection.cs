using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Connections.Sections;
using Microsoft.Extensions.Configuration;
using Reader = KestrelTlsUpgrade.Connections.Sections.SectionReader<KestrelTlsUpgrade.ProxyProtocol.ProxyProtocolOptions>;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Configuration;

/// <summary>A section <c>ProxyProtocol</c> of the configuration: the host's at the root, or that of an endpoint.</summary>
internal static class ProxyProtocolSection
{
    public const string Name = "ProxyProtocol";

    private const string ProxiesKey = nameof(ProxyProtocolOptions.KnownProxies);
    private const string NetworksKey = nameof(ProxyProtocolOptions.KnownIPNetworks);

    private static readonly Reader Settings = new(new()
    {
        [nameof(ProxyProtocolOptions.Enabled)] = Reader.Switch(static (options, value) => options.Enabled = value),
        [ProxiesKey] = Reader.List<IPAddress>(static options => options.KnownProxies, TryReadAddress, "an address, such as 10.0.0.2"),
        [NetworksKey] = Reader.List<IPNetwork>(static options => options.KnownIPNetworks, TryReadNetwork, "a network, such as 10.0.0.0/24"),
        [nameof(ProxyProtocolOptions.HeaderTimeout)] = Reader.Time(static (options, value) => options.HeaderTimeout = value),
    });

    /// <summary>Sections that are meant to be this one.</summary>
    public static StraySections Stray { get; } = new(Name, Settings.Keys, isReadOfEndpoints: true);

    /// <summary>
    /// Applies a section. Trust belongs together: a section with either list replaces both, so an endpoint that names its own proxies
    /// does not trust those of the host as well.
    /// </summary>
    public static void Read(IConfigurationSection section, ProxyProtocolOptions options, List<string> errors)
    {
        var known = errors.Count;
        Settings.Read(section, options, errors);
        if (errors.Count > known)
        {
            return;
        }

        switch (section.GetSection(ProxiesKey).Exists(), section.GetSection(NetworksKey).Exists())
        {
            case (true, false):
                options.KnownIPNetworks.Clear();
                break;

            case (false, true):
                options.KnownProxies.Clear();
                break;
        }
    }

    /// <summary>
    /// Accepts one spelling of an IPv4 address only: .NET reads <c>010.0.0.1</c> as 8.0.0.1 and <c>10</c> as 0.0.0.10, which would
    /// trust somebody else. It also drops a zone that it does not know, and skips a port.
    /// </summary>
    private static bool TryReadAddress(string text, [MaybeNullWhen(false)] out IPAddress address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily is AddressFamily.InterNetwork
            ? address.ToString() == text
            : !text.Contains('[') && (!text.Contains('%') || address.ScopeId != 0));

    /// <summary>The address must be that of the network: a longer one may be a mistyped prefix, and .NET would clear the rest.</summary>
    private static bool TryReadNetwork(string text, out IPNetwork network)
    {
        network = default;
        return text.Split('/') is [var start, var length]
            && TryReadAddress(start, out var address)
            && IPNetwork.TryParse(text, out network)
            && network.BaseAddress.Equals(address)
            && network.PrefixLength.ToString(CultureInfo.InvariantCulture) == length;
    }
}
