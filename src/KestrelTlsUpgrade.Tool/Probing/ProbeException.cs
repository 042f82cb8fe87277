namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>The server did something that makes it impossible to continue. The message says what.</summary>
internal sealed class ProbeException(string message) : Exception(message);
