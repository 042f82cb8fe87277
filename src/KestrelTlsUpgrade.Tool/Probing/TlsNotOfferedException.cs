namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>The platform would not even begin a handshake with these settings: nothing was sent.</summary>
internal sealed class TlsNotOfferedException(Exception innerException) : Exception(innerException.Message, innerException);
