using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>
/// Ends the handshake of a refused client. Kestrel expects an <see cref="IOException"/> during a handshake: it counts the failure, logs it
/// at Debug and returns.
/// </summary>
internal sealed class ClientRefusedException(FailureCause cause) : IOException($"The client was refused: {FailureDescription.Of(cause).Tag}.");
