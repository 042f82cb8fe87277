using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>How a server is probed.</summary>
/// <param name="Timeout">The time limit of each attempt, including connecting.</param>
/// <param name="TrustedRoots">Certificates to trust instead of the platform's, if any.</param>
/// <param name="TimeProvider">The clock.</param>
internal sealed record ProbeSettings(TimeSpan Timeout, X509Certificate2Collection? TrustedRoots, TimeProvider TimeProvider);
