namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>A plaintext connection to an origin on which nothing has been sent yet.</summary>
internal readonly record struct DialedConnection(Stream Stream, bool IsTunnelled);
