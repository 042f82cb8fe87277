using System.Collections.Frozen;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>The settings that decide which TLS clients are served.</summary>
/// <param name="AcceptedClients">Whose handshake is accepted after a 101.</param>
/// <param name="DirectTls">Who is served that begins with TLS.</param>
/// <param name="TrustsClientCertificateOnReplay">Whether a replay that its client has confirmed carries the client certificate.</param>
internal sealed record ClientRules(TlsUpgradeClientMode AcceptedClients, DirectTlsMode DirectTls, bool TrustsClientCertificateOnReplay)
{
    private static readonly IReadOnlySet<string> NoGates = FrozenSet<string>.Empty;

    public static ClientRules Create(TlsUpgradeOptions options, ServerNameTable<SniRequirements> requirementsByName)
    {
        var names = requirementsByName.Entries
            .Where(static pair => pair.Value.ClientCertificateMode is ClientCertificateMode.RequireCertificate)
            .Select(static pair => pair.Key);
        var isForAll = options is { HandshakeCallback: null, Https.ClientCertificateMode: ClientCertificateMode.RequireCertificate };
        return new(options.AcceptedClients, options.DirectTls, options.TrustClientCertificateOnReplay)
        {
            CertificateGates = (isForAll ? names.Append("") : names).ToFrozenSet(StringComparer.OrdinalIgnoreCase),
        };
    }

    /// <summary>The server names whose handshake requires a client certificate; empty text stands for all others.</summary>
    public IReadOnlySet<string> CertificateGates { get; init; } = NoGates;

    /// <summary>
    /// Whether a handshake by these rules asks for every client certificate that others require. One that does not must not go on where
    /// they are in force by now: what it carries would be behind a gate that it never came through.
    /// </summary>
    public bool HasGatesOf(ClientRules? other) =>
        other is null || ReferenceEquals(this, other) || other.CertificateGates.IsSubsetOf(CertificateGates);

    /// <summary>
    /// What both allow. Settings that change between a 101 and its handshake must not weaken either: a connection that was begun
    /// under stricter ones is judged by those, and so is one whose endpoint has become stricter since.
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
