namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>The platform cannot start a handshake with these settings: nothing was sent.</summary>
internal sealed class TlsNotOfferedException(Exception innerException) : Exception(innerException.Message, innerException);
