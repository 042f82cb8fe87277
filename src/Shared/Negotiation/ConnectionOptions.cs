using System.Text;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>The options in one line of the Connection field (RFC 9110 section 7.6.1).</summary>
internal static class ConnectionOptions
{
    private const string Upgrade = "upgrade";
    private const string Close = "close";
    private const string KeepAlive = "keep-alive";

    /// <summary>Whether the line has the <c>upgrade</c> option, without which the Upgrade field is ignored.</summary>
    public static bool HasUpgrade(ReadOnlySpan<char> fieldValue) => Has(fieldValue, Upgrade);

    /// <summary>Whether the line has the <c>close</c> option: the connection ends after this exchange.</summary>
    public static bool HasClose(ReadOnlySpan<char> fieldValue) => Has(fieldValue, Close);

    /// <summary>
    /// The options of the line that outlive the switch: whether the connection is to persist. Empty if it has none. Kestrel does not pass
    /// other options on from a request with <c>upgrade</c>, so they are never replayed, whichever request of a connection has them.
    /// </summary>
    public static string GetPersistence(ReadOnlySpan<char> fieldValue)
    {
        var rest = new StringBuilder(fieldValue.Length);
        foreach (var range in fieldValue.Split(','))
        {
            var option = fieldValue[range].Trim(" \t");
            if (Is(option, Close) || Is(option, KeepAlive))
            {
                rest.Append(rest.Length == 0 ? "" : ",").Append(option);
            }
        }

        return rest.ToString();
    }

    private static bool Has(ReadOnlySpan<char> fieldValue, string name)
    {
        foreach (var range in fieldValue.Split(','))
        {
            if (Is(fieldValue[range], name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(ReadOnlySpan<char> option, string name) =>
        option.Trim(" \t").Equals(name, StringComparison.OrdinalIgnoreCase);
}
