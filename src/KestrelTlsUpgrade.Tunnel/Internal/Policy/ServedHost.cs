using System.Net;
using KestrelTlsUpgrade.Tunnel.Internal.Target;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>A host under which the application is reached.</summary>
/// <param name="Host">A name, an address, <c>*.domain</c> for its subdomains, or <c>*</c>.</param>
/// <param name="Port">The port, or <see langword="null"/> for any.</param>
internal sealed record ServedHost(string Host, int? Port)
{
    private const string AnySubdomain = "*.";

    /// <summary>Parses a setting. Returns <see langword="null"/> if it is not a host.</summary>
    public static ServedHost? Parse(string text)
    {
        if (text == "*")
        {
            return new(text, null);
        }

        var name = text.StartsWith(AnySubdomain, StringComparison.Ordinal) ? text[AnySubdomain.Length..] : text;
        if (!ConnectTarget.IsHost(name) || (name != text && IPAddress.TryParse(new HostString(name).Host, out _)))
        {
            return null;
        }

        var host = new HostString(text);
        return new(host.Host.TrimEnd('.'), host.Port);
    }

    public bool Matches(string host, int port) =>
        (Port is null || Port == port)
        && (Host == "*"
            || Host.Equals(host, StringComparison.OrdinalIgnoreCase)
            || (Host.StartsWith(AnySubdomain, StringComparison.Ordinal) && host.EndsWith(Host[1..], StringComparison.OrdinalIgnoreCase)));
}
