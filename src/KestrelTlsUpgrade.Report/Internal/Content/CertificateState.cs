namespace KestrelTlsUpgrade.Report.Internal.Content;

internal enum CertificateState
{
    Valid,

    /// <summary>Its last days have come.</summary>
    ExpiresSoon,

    Expired,

    NotYetValid,

    /// <summary>It cannot be looked at: the application has disposed of it.</summary>
    Unreadable,
}
