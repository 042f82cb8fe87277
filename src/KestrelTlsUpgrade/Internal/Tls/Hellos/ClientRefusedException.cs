using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>
/// Ends a handshake whose client is refused. An <see cref="IOException"/> is what Kestrel expects of a handshake: it counts the
/// failure, logs it at Debug and returns.
/// </summary>
internal sealed class ClientRefusedException(FailureCause cause) : IOException($"The client was refused: {FailureDescription.Of(cause).Tag}.");
