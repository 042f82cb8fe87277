using System.Collections.Frozen;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>The settings that decide which TLS clients are accepted.</summary>
/// <param name="AcceptedClients">Which clients are accepted after a 101.</param>
/// <param name="DirectTls">Which clients are accepted with TLS from the first byte.</param>
/// <param name="TrustsClientCertificateOnReplay">Whether a confirmed replay sees the client certificate.</param>
internal sealed record ClientRules(TlsUpgradeClientMode AcceptedClients, DirectTlsMode DirectTls, bool TrustsClientCertificateOnReplay)
{
    private static readonly IReadOnlySet<string> NoGates = FrozenSet<string>.Empty;

    public static ClientRules Create(TlsUpgradeOptions options, ServerNameTable<SniRequirements> requirementsByName)
    {
        var names = requirementsByName.Entries
            .Where(static pair => pair.Value.ClientCertificateMode is ClientCertificateMode.RequireCertificate)
            .Select(static pair => pair.Key);
        var isForAll = options is { HandshakeCallback: null, Https.ClientCertificateMode: ClientCertificateMode.RequireCertificate };

        // An endpoint that accepts no offer may still owe a handshake, and may already serve https clients that must not get it.
        var accepted = options.UpgradesUnawareClients ? TlsUpgradeClientMode.Compatible : TlsUpgradeClientMode.AwareOnly;
        return new(accepted, options.DirectTls, options.TrustClientCertificateOnReplay)
        {
            CertificateGates = (isForAll ? names.Append("") : names).ToFrozenSet(StringComparer.OrdinalIgnoreCase),
        };
    }

    /// <summary>The server names whose handshake requires a client certificate. An empty name represents all others.</summary>
    public IReadOnlySet<string> CertificateGates { get; init; } = NoGates;

    /// <summary>
    /// Whether these rules require a client certificate wherever the other rules do. A connection under weaker rules must not continue
    /// under stricter ones: its request would pass a certificate check that was never made.
    /// </summary>
    public bool HasGatesOf(ClientRules? other) =>
        other is null || ReferenceEquals(this, other) || other.CertificateGates.IsSubsetOf(CertificateGates);

    /// <summary>
    /// The intersection of both rules. Settings can change between a 101 and its handshake, and the connection must satisfy the old and the
    /// new ones.
    /// </summary>
    public ClientRules StricterOf(ClientRules? other) => other is null || ReferenceEquals(this, other)
        ? this
        : new ClientRules(
            AcceptedClients is TlsUpgradeClientMode.AwareOnly ? AcceptedClients : other.AcceptedClients,
            DirectTls is DirectTlsMode.Any ? other.DirectTls : DirectTls,
            TrustsClientCertificateOnReplay && other.TrustsClientCertificateOnReplay)
        {
            CertificateGates = CertificateGates,
        };
}
