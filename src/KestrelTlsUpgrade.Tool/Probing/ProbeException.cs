namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>A server did what cannot be gone on with. The message says what.</summary>
internal sealed class ProbeException(string message) : Exception(message);
