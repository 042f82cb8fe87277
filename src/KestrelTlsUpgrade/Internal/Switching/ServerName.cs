using System.Globalization;

namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>The server name that a TLS client asks for (RFC 6066 section 3).</summary>
internal static class ServerName
{
    /// <summary>As SslStream has it, which tells names in U-labels.</summary>
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>Whether it is the host that the request in clear text named. A client need not send one.</summary>
    public static bool Agrees(string serverName, string host) =>
        serverName.Length == 0 || OfHost(serverName).Equals(OfHost(host), StringComparison.OrdinalIgnoreCase);

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
