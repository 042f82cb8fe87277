using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>What the failure of an upgrade says about the next one of the same caller.</summary>
/// <param name="Counts">Whether the client caused it.</param>
/// <param name="IsBrief">Whether one bad moment can cause it, such as a lost connection.</param>
/// <param name="IsOfHost">Whether it depends on the host that the client asked for.</param>
/// <param name="IsAfterFinished">Whether the handshake had completed, so that nobody else on the path can cause it but by a reset.</param>
internal readonly record struct FallbackCause(bool Counts, bool IsBrief = false, bool IsOfHost = false, bool IsAfterFinished = false)
{
    public static FallbackCause Of(FailureCause cause, Exception? failure) => cause switch
    {
        FailureCause.ClientRejectedCertificate or FailureCause.ClientAlert => new(true),
        FailureCause.NoSharedVersion or FailureCause.NoSharedCipher => new(true),
        FailureCause.ClientCertificateMissing or FailureCause.ClientCertificateRejected => new(true),
        FailureCause.PlaintextAfter101 => new(true),

        // Refused after the 101: the client would be refused again.
        FailureCause.Http2Offered or FailureCause.UnmarkedClient or FailureCause.BrowserHello => new(true),
        FailureCause.NameNotInCertificate => new(true, IsOfHost: true),
        FailureCause.ServerNameMissing or FailureCause.ServerNameMismatch or FailureCause.ServerNameUnknown => new(true, IsOfHost: true),

        // Most clients check the name last.
        FailureCause.GoneAfterHandshake => new(true, IsBrief: true, IsOfHost: true, IsAfterFinished: true),
        FailureCause.GoneAfterCertificate or FailureCause.Closed or FailureCause.Reset or FailureCause.Timeout => new(true, IsBrief: true),
        FailureCause.UnreadableHello => new(true, IsBrief: true),

        // Where the platform does not tell the cause apart, it is more often the client's. An exception of the application's code is not.
        FailureCause.HandshakeFailed => new(failure is AuthenticationException or IOException, IsBrief: true),
        _ => default,
    };
}
