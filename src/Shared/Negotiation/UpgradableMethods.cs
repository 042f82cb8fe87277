using System.Buffers;
using System.Text;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>
/// The methods that can be upgraded and replayed: safe ones, whose requests have no content. For other methods, <c>OPTIONS *</c> upgrades
/// the connection first (RFC 2817 section 3.2). Methods are case-sensitive (RFC 9110 section 9.1).
/// </summary>
internal static class UpgradableMethods
{
    private static readonly string[] All = ["GET", "HEAD", "OPTIONS"];

    private static readonly SearchValues<byte> FirstBytes = SearchValues.Create([.. All.Select(static method => (byte)method[0])]);

    public static bool Contains(string method) => Array.IndexOf(All, method) >= 0;

    public static bool Contains(ReadOnlySpan<byte> method)
    {
        foreach (var upgradable in All)
        {
            if (Ascii.Equals(method, upgradable))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one of the methods begins with this byte.</summary>
    public static bool CanBeginWith(byte first) => FirstBytes.Contains(first);
}
