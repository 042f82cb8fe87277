using System.Globalization;
using System.Text;

namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>The server name that a TLS client asks for (RFC 6066 section 3).</summary>
internal static class ServerName
{
    private static readonly IdnMapping Idn = new();

    /// <summary>Whether it is the host that the request in clear text named. A client need not send one.</summary>
    public static bool Agrees(string serverName, string host) =>
        serverName.Length == 0 || Normalize(serverName).Equals(Normalize(host), StringComparison.OrdinalIgnoreCase);

    /// <summary>In A-labels, as on the wire: SslStream tells the name in U-labels.</summary>
    public static string Normalize(string name)
    {
        name = name.EndsWith('.') ? name[..^1] : name;
        try
        {
            return Ascii.IsValid(name) ? name : Idn.GetAscii(name);
        }
        catch (ArgumentException)
        {
            return name;
        }
    }
}
