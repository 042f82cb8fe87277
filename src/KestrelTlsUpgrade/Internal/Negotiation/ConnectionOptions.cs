using System.Text;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>The options in a line of the Connection field (RFC 9110 section 7.6.1).</summary>
internal static class ConnectionOptions
{
    private const string Upgrade = "upgrade";

    /// <summary>Whether the line has the option that makes the Upgrade field count.</summary>
    public static bool HasUpgrade(ReadOnlySpan<char> fieldValue)
    {
        foreach (var range in fieldValue.Split(','))
        {
            if (IsUpgrade(fieldValue[range]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The line without the upgrade option, which is used up by the switch. Empty where nothing else is in it.</summary>
    public static string WithoutUpgrade(ReadOnlySpan<char> fieldValue)
    {
        var rest = new StringBuilder(fieldValue.Length);
        foreach (var range in fieldValue.Split(','))
        {
            var option = fieldValue[range].Trim(" \t");
            if (!option.IsEmpty && !IsUpgrade(option))
            {
                rest.Append(rest.Length == 0 ? "" : ",").Append(option);
            }
        }

        return rest.ToString();
    }

    private static bool IsUpgrade(ReadOnlySpan<char> option) =>
        option.Trim(" \t").Equals(Upgrade, StringComparison.OrdinalIgnoreCase);
}
