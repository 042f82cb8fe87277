using System.Globalization;
using System.Net;

namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>
/// The host and port of an <c>http://</c> URI (RFC 9110 section 4.3.1). The host is lower case; an IPv6 address has no brackets.
/// </summary>
internal readonly record struct Origin(string Host, int Port)
{
    /// <summary>The host without an IPv6 zone, which is only meaningful on this machine, and without the trailing dot of a name.</summary>
    public string ServerName => Host.Split('%')[0].TrimEnd('.');

    /// <summary>The value of the Host field: the authority of the URI without the default port (RFC 9110 section 7.2).</summary>
    public string Authority
    {
        get
        {
            var host = IsIPv6 ? $"[{Host.Split('%')[0]}]" : Host;
            return Port == 80 ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
        }
    }

    private bool IsIPv6 => Host.Contains(':', StringComparison.Ordinal);

    public static Origin Of(Uri uri) => new(uri.IdnHost.ToLowerInvariant(), uri.Port);

    /// <summary>The origin of a connection, as the connection pool names it.</summary>
    public static Origin Of(DnsEndPoint endPoint) => new(endPoint.Host.Trim('[', ']').ToLowerInvariant(), endPoint.Port);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsIPv6 ? $"[{Host}]" : Host)}:{Port}");
}
