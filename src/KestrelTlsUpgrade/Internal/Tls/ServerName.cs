using System.Globalization;
using System.Text;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>The server name that a TLS client asks for (RFC 6066 section 3).</summary>
internal static class ServerName
{
    /// <summary>As SslStream has it, which tells names in U-labels.</summary>
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>Whether it is the host that the request in clear text named. A client need not send one.</summary>
    public static bool Agrees(string serverName, string host) =>
        serverName.Length == 0 || IsSame(serverName, host);

    /// <summary>Whether two names are the same, in A-labels or U-labels.</summary>
    public static bool IsSame(string name, string other) => OfHost(name).Equals(OfHost(other), StringComparison.OrdinalIgnoreCase);

    /// <summary>The host as certificates name it: in A-labels, and without the dot at the end.</summary>
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

    /// <summary>
    /// The server name that a client sends which wants this host, as SslStream tells it: in U-labels, and without the dot at the end
    /// that a host may have.
    /// </summary>
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
