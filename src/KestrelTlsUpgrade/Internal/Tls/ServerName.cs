using System.Globalization;
using System.Text;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>The server name that a TLS client sends (RFC 6066 section 3).</summary>
internal static class ServerName
{
    /// <summary>Configured as in SslStream, which reports names in U-labels.</summary>
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>Whether the server name is the host of the plaintext request. A client may omit it.</summary>
    public static bool Agrees(string serverName, string host) =>
        serverName.Length == 0 || IsSame(serverName, host);

    /// <summary>Whether two names are equal, in A-labels or U-labels.</summary>
    public static bool IsSame(string name, string other) => OfHost(name).Equals(OfHost(other), StringComparison.OrdinalIgnoreCase);

    /// <summary>The host as certificates name it: in A-labels, without the trailing dot.</summary>
    public static string ToAscii(string host)
    {
        host = host.EndsWith('.') ? host[..^1] : host;
        try
        {
            return Ascii.IsValid(host) ? host : Idn.GetAscii(host);
        }
        catch (ArgumentException)
        {
            return host;
        }
    }

    /// <summary>The server name for a host, as SslStream reports it: in U-labels, without the trailing dot.</summary>
    public static string OfHost(string host)
    {
        host = host.EndsWith('.') ? host[..^1] : host;
        try
        {
            return host.Contains("xn--", StringComparison.OrdinalIgnoreCase) ? Idn.GetUnicode(host) : host;
        }
        catch (ArgumentException)
        {
            return host;
        }
    }
}
