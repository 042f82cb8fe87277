using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>A certificate that was loaded, or why it could not be.</summary>
internal sealed record CertificateContent
{
    public X509Certificate2? Certificate { get; init; }

    public X509Certificate2Collection? Chain { get; init; }

    /// <summary>What is wrong, to append to the path of the section.</summary>
    public string? Fault { get; init; }

    public Exception? Reason { get; init; }
}
