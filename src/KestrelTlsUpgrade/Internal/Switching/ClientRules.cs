namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>The settings that decide which TLS clients are served.</summary>
/// <param name="AcceptedClients">Whose handshake is accepted after a 101.</param>
/// <param name="DirectTls">Who is served that begins with TLS.</param>
/// <param name="TrustsClientCertificateOnReplay">Whether a replay that its client has confirmed carries the client certificate.</param>
internal sealed record ClientRules(UpgradeClients AcceptedClients, DirectTlsMode DirectTls, bool TrustsClientCertificateOnReplay)
{
    /// <summary>
    /// What both allow. Settings that change between a 101 and its handshake must not weaken either: a connection that was begun
    /// under stricter ones is judged by those, and so is one whose endpoint has become stricter since.
    /// </summary>
    public ClientRules StricterOf(ClientRules? other) => other is null || ReferenceEquals(this, other)
        ? this
        : new(
            AcceptedClients is UpgradeClients.AwareOnly ? AcceptedClients : other.AcceptedClients,
            DirectTls is DirectTlsMode.Any ? other.DirectTls : DirectTls,
            TrustsClientCertificateOnReplay && other.TrustsClientCertificateOnReplay);
}
