using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Internal.Versions;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>The failed upgrades of a caller that have one cause.</summary>
/// <param name="Cause">Why.</param>
/// <param name="Count">How often.</param>
/// <param name="Last">When it last happened.</param>
/// <param name="Explanation">What the last one tells of the client, if the handshake was watched to its end.</param>
/// <param name="Host">The host that it asked for, if the certificate does not name it.</param>
/// <param name="Versions">The TLS versions that it offered, if none of them is enabled.</param>
internal sealed record CallerFailure(
    FailureCause Cause, long Count, DateTimeOffset Last, string? Explanation = null, string? Host = null, string? Versions = null)
{
    /// <summary>An upgrade whose handshake failed.</summary>
    public static CallerFailure Of(FailureCause cause, UpgradeRequest upgrade, HandshakeTrace? handshake, DateTimeOffset now) => new(
        cause,
        Count: 1,
        now,
        FindExplanation(cause, handshake),
        handshake is { IsForOtherHost: true } ? LoggedName.Of(upgrade.Host) : null,
        FindVersions(handshake));

    /// <summary>A connection that began with TLS, and was shut out.</summary>
    public static CallerFailure OfDirectTls(FailureCause cause, HandshakeTrace? handshake, DateTimeOffset now) => new(
        cause,
        Count: 1,
        now,
        FindExplanation(cause, handshake),
        Versions: FindVersions(handshake));

    /// <summary>An upgrade that failed after its handshake.</summary>
    public static CallerFailure Of(in FallenCaller caller, DateTimeOffset now)
    {
        var host = caller.Host;
        var isNamed = UpgradeConnection.Of(caller.Connection.Features)?.Settings.Certificates
            .Any(loaded => CertificateNames.Cover(loaded.Certificate, host)) is true;
        return new(caller.Cause, Count: 1, now, Host: isNamed ? null : LoggedName.Of(host));
    }

    private static string? FindExplanation(FailureCause cause, HandshakeTrace? handshake) =>
        FailureDescription.Of(cause) is { Kind: not FailureKind.Refused } description && handshake is not null ? description.Explain(handshake) : null;

    private static string? FindVersions(HandshakeTrace? handshake) =>
        handshake is not null && (handshake.Offered & handshake.Enabled) == 0 ? FormatVersions(handshake.Offered) : null;

    private static string? FormatVersions(SslProtocols offered) =>
        string.Join(", ", TlsVersion.All.Where(version => (version.Protocol & offered) != 0).Select(static version => version.Name)) is { Length: > 0 } text
            ? text
            : null;
}
