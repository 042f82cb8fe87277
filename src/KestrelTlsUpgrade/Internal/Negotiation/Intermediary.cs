using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>
/// The fields by which a proxy shows itself. A proxy that relays a 101 would hand its client a private channel past the
/// proxy's own rules, as in h2c smuggling.
/// </summary>
internal static class Intermediary
{
    private const string ForwardedPrefix = "X-Forwarded-";

    public static bool IsShownBy(IHeaderDictionary fields)
    {
        foreach (var field in fields)
        {
            if (IsShownBy(field.Key))
            {
                return true;
            }
        }

        return false;
    }

    public static bool IsShownBy(ReadOnlySpan<char> fieldName) => fieldName.Length switch
    {
        3 => fieldName.Equals("Via", StringComparison.OrdinalIgnoreCase),
        9 => fieldName.Equals("Forwarded", StringComparison.OrdinalIgnoreCase)
            || fieldName.Equals("X-Real-IP", StringComparison.OrdinalIgnoreCase),
        _ => fieldName.StartsWith(ForwardedPrefix, StringComparison.OrdinalIgnoreCase),
    };
}
