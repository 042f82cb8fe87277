using KestrelTlsUpgrade.Internal.Settings;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>The certificates that an endpoint shows, as far as they are known beforehand: code may select others.</summary>
/// <param name="ForAll">The one for every server name without one of its own.</param>
/// <param name="ByName">The server names that have settings of their own.</param>
internal sealed record EndpointCertificates(LoadedCertificate? ForAll, IReadOnlyList<NamedCertificate> ByName)
{
    public static EndpointCertificates None { get; } = new(null, []);

    public IEnumerable<LoadedCertificate> All => ByName.Select(static entry => entry.Certificate).Prepend(ForAll).OfType<LoadedCertificate>();
}

/// <summary>The settings of a server name, and the certificate that they name.</summary>
internal sealed record NamedCertificate(SniEntry Entry, LoadedCertificate? Certificate);
