using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>How a server is probed.</summary>
/// <param name="Timeout">What each attempt may take, from connecting on.</param>
/// <param name="TrustedRoots">The certificates to trust in place of the platform's, if any.</param>
/// <param name="TimeProvider">The clock.</param>
internal sealed record ProbeSettings(TimeSpan Timeout, X509Certificate2Collection? TrustedRoots, TimeProvider TimeProvider);
