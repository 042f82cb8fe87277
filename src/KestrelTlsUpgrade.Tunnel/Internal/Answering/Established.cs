namespace KestrelTlsUpgrade.Tunnel.Internal.Answering;

/// <summary>
/// The answer to a CONNECT whose tunnel stands. No Content-Length and no Transfer-Encoding, nor anything else: the tunnel begins
/// right behind it (RFC 9110 section 9.3.6).
/// </summary>
internal static class Established
{
    public static ReadOnlyMemory<byte> Answer { get; } = "HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray();
}
