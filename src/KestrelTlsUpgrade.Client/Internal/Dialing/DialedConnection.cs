namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>A connection to an origin in clear text, on which nothing has been sent.</summary>
internal readonly record struct DialedConnection(Stream Stream, bool IsTunnelled);
