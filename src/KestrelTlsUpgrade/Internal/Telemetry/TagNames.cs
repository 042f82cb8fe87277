using System.Security.Authentication;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>The documented tag names and values of metrics, traces and logs.</summary>
internal static class TagNames
{
    public const string Outcome = "tls_upgrade.outcome";
    public const string Start = "tls_upgrade.start";
    public const string State = "tls_upgrade.state";
    public const string Replayed = "tls_upgrade.replayed";
    public const string Switched = "tls_upgrade.switched";
    public const string ErrorType = "error.type";
    public const string Route = "http.route";
    public const string StatusCode = "http.response.status_code";
    public const string ServerPort = "server.port";
    public const string TlsName = "tls.protocol.name";
    public const string TlsVersion = "tls.protocol.version";
    public const string TlsCipher = "tls.cipher";

    public static string Of(ConnectionOutcome outcome) => outcome switch
    {
        ConnectionOutcome.Silent => "silent",
        ConnectionOutcome.Plaintext => "plaintext",
        ConnectionOutcome.Upgraded => "upgraded",
        ConnectionOutcome.DirectTls => "direct_tls",
        ConnectionOutcome.Refused => "refused",
        ConnectionOutcome.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    public static string Of(TlsStart start) => start switch
    {
        TlsStart.FirstRequest => "first_request",
        TlsStart.LaterRequest => "later_request",
        TlsStart.FirstByte => "first_byte",
        _ => throw new ArgumentOutOfRangeException(nameof(start)),
    };

    public static string Of(TlsUpgradeState state) => state switch
    {
        TlsUpgradeState.Plaintext => "plaintext",
        TlsUpgradeState.Upgraded => "upgraded",
        TlsUpgradeState.DirectTls => "direct_tls",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>A TLS version in OpenTelemetry's notation, or <see langword="null"/> if it has none.</summary>
    public static string? Of(SslProtocols version) => Versions.TlsVersion.Find(version)?.Number;
}
