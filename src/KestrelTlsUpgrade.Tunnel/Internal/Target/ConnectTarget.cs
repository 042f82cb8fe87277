using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tunnel.Internal.Target;

/// <summary>
/// The destination of a CONNECT: a host and port in authority-form (RFC 9112 section 3.2.3). Each destination has exactly one valid
/// spelling. Forms that resolvers interpret differently are rejected: inet_aton's octal, hexadecimal or shortened addresses, zones, and
/// percent-encoding.
/// </summary>
/// <param name="Host">A name in lower case, an IPv4 address, or an IPv6 address without brackets.</param>
/// <param name="Address">The address, if the host is one.</param>
/// <param name="Port">From 1 to 65535.</param>
internal sealed record ConnectTarget(string Host, IPAddress? Address, int Port)
{
    private static readonly SearchValues<char> IPv6Chars = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>The target as sent in a request, rebuilt from the parsed parts (RFC 9110 section 7.2).</summary>
    public string Authority => Address is { AddressFamily: AddressFamily.InterNetworkV6 } ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Whether the name always means this machine, whatever a resolver says (RFC 6761 section 6.3).</summary>
    public bool IsLoopbackName => Address is null && IsOrEndsIn(Host.TrimEnd('.'), "localhost");

    /// <summary>Parses an authority-form. There is no default port (RFC 9110 section 9.3.6).</summary>
    public static ConnectTarget? Parse(ReadOnlySpan<char> authority)
    {
        // The last colon separates the port, with or without brackets before it.
        var colon = authority.LastIndexOf(':');
        return colon > 0 && TryReadPort(authority[(colon + 1)..], out var port) && ReadHost(authority[..colon]) is var (host, address)
            ? new(host, address, port)
            : null;
    }

    /// <summary>Whether the text is a host with an optional port, as in the Host field of a CONNECT.</summary>
    public static bool IsHost(ReadOnlySpan<char> value) => Parse(value) is not null || ReadHost(value) is not null;

    private static bool TryReadPort(ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        return text is [>= '1' and <= '9', ..]
            && HasDigitsOnly(text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port <= IPEndPoint.MaxPort;
    }

    private static (string Host, IPAddress? Address)? ReadHost(ReadOnlySpan<char> host) =>
        host is ['[', .. var literal, ']'] ? ReadIPv6(literal)
        : ReadIPv4(host) is { } address ? (address.ToString(), address)
        : HostName.IsValid(host) ? (Lower(host), null)
        : null;

    private static (string Host, IPAddress? Address)? ReadIPv6(ReadOnlySpan<char> literal)
    {
        // No zone: it would select a network interface of the proxy (RFC 9844 drops zones from URIs altogether).
        return !literal.ContainsAnyExcept(IPv6Chars)
            && HasPlainTail(literal)
            && IPAddress.TryParse(literal, out var address)
            && address.AddressFamily is AddressFamily.InterNetworkV6
            ? (address.ToString(), address)
            : null;
    }

    /// <summary>An IPv4 address at the end of an IPv6 address must be as strict as one on its own.</summary>
    private static bool HasPlainTail(ReadOnlySpan<char> literal) =>
        !literal.Contains('.') || ReadIPv4(literal[(literal.LastIndexOf(':') + 1)..]) is not null;

    /// <summary>Four decimal numbers without leading zeros (RFC 3986 section 3.2.2).</summary>
    private static IPAddress? ReadIPv4(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[4];
        var count = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (count == 4
                || part.Length > 3
                || part is ['0', _, ..]
                || !HasDigitsOnly(part)
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out bytes[count]))
            {
                return null;
            }

            count++;
        }

        return count == 4 ? new IPAddress(bytes) : null;
    }

    /// <summary>.NET's number parser ignores trailing NUL characters, whatever the style.</summary>
    private static bool HasDigitsOnly(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    private static string Lower(ReadOnlySpan<char> name)
    {
        Span<char> lower = stackalloc char[HostName.MaxLength + 1];
        return new string(lower[..name.ToLowerInvariant(lower)]);
    }

    private static bool IsOrEndsIn(ReadOnlySpan<char> name, ReadOnlySpan<char> domain) =>
        name.EndsWith(domain, StringComparison.Ordinal) && (name.Length == domain.Length || name[^(domain.Length + 1)] == '.');
}
