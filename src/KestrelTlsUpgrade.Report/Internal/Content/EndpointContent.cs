namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <param name="Address">The address as Kestrel announces it.</param>
/// <param name="ReloadFailure">Why changed settings are not in force, if they could not be taken up.</param>
/// <param name="Settings">What is in force, by the names of the configuration.</param>
/// <param name="Certificates">The certificates that are known beforehand: a selector or a callback may have others.</param>
internal sealed record EndpointContent(
    string Address,
    string? ReloadFailure,
    IReadOnlyDictionary<string, string> Settings,
    IReadOnlyList<CertificateContent> Certificates);
