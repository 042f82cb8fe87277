namespace KestrelTlsUpgrade.Report.Internal.Content;

internal enum CertificateState
{
    Valid,

    /// <summary>It expires within days.</summary>
    ExpiresSoon,

    Expired,

    NotYetValid,

    /// <summary>It cannot be read: the application has disposed it.</summary>
    Unreadable,
}
