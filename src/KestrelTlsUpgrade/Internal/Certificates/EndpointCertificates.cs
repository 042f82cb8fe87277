using KestrelTlsUpgrade.Internal.Settings;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>The certificates of an endpoint that are known in advance. Code may select others.</summary>
/// <param name="ForAll">The certificate for server names without their own.</param>
/// <param name="ByName">The server names with their own settings.</param>
internal sealed record EndpointCertificates(LoadedCertificate? ForAll, IReadOnlyList<NamedCertificate> ByName)
{
    public static EndpointCertificates None { get; } = new(null, []);

    public IEnumerable<LoadedCertificate> All => ByName.Select(static entry => entry.Certificate).Prepend(ForAll).OfType<LoadedCertificate>();
}

/// <summary>The settings of a server name and its certificate.</summary>
internal sealed record NamedCertificate(SniEntry Entry, LoadedCertificate? Certificate);
