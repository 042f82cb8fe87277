using System.Globalization;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>Formats versions of HTTP for users.</summary>
internal static class VersionText
{
    /// <summary>For example <c>HTTP/1.1</c> and <c>HTTP/2</c>, which has no minor version (RFC 9113 section 3).</summary>
    public static string Of(Version version) =>
        version.Major > 1 ? string.Create(CultureInfo.InvariantCulture, $"HTTP/{version.Major}") : $"HTTP/{version}";
}
