using System.Text;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>
/// The 101 response (RFC 2817 section 3.3). Its Upgrade field lists the protocol layers from the lowest up; it has no content.
/// </summary>
internal static class SwitchingProtocols
{
    private static readonly string[] FieldValues = CreateForEachToken(static token => $"{token}, HTTP/1.1");

    private static readonly byte[][] Responses = CreateForEachToken(static token => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {token}, HTTP/1.1\r\n\r\n"));

    /// <summary>The value of the Upgrade field.</summary>
    public static string FieldValue(UpgradeToken token) => FieldValues[(int)token];

    /// <summary>The complete response.</summary>
    public static ReadOnlyMemory<byte> Response(UpgradeToken token) => Responses[(int)token];

    private static T[] CreateForEachToken<T>(Func<string, T> create)
    {
        var all = new T[(int)UpgradeTokenText.Highest + 1];
        for (var token = UpgradeToken.AnyTls; token <= UpgradeTokenText.Highest; token++)
        {
            all[(int)token] = create(UpgradeTokenText.Format(token));
        }

        return all;
    }
}
