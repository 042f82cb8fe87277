using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Internal.Versions;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>The details of a failed handshake as text.</summary>
internal static class HandshakeText
{
    /// <summary>The alert name of RFC 8446 section 6.2, for alerts that clients send.</summary>
    public static string FormatAlert(HandshakeTrace trace) => HandshakeFailure.FindAlert(trace) switch
    {
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        90 => "user_canceled",
        112 => "unrecognized_name",
        null => "not identified",
        var alert => $"alert {alert}",
    };

    /// <summary>The versions that clients offer, whether they can be enabled or not.</summary>
    public static string FormatVersions(SslProtocols versions)
    {
        var names = new List<string>();
#pragma warning disable CA5397, CS0618 // What old clients offer.
        if ((versions & SslProtocols.Ssl3) != 0)
#pragma warning restore CA5397, CS0618
        {
            names.Add("SSL 3.0");
        }

        names.AddRange(TlsVersion.All.Where(version => (version.Protocol & versions) != 0).Select(static version => version.Name));
        return names.Count == 0 ? "others" : string.Join(" and ", names);
    }
}
