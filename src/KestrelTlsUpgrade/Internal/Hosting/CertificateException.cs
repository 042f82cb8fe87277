namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>A certificate is not usable. The message says which, why, and what to do.</summary>
internal sealed class CertificateException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
