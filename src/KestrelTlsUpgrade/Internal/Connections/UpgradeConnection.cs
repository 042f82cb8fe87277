using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Plaintext;
using KestrelTlsUpgrade.Internal.Replay;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Connections;

/// <summary>
/// What is known of one connection to an upgrade endpoint, from accept to close. The one feature of ours on a connection: the TLS
/// branches and the HTTP part find it there. <see cref="ITlsUpgradeFeature"/> is what applications see of it.
/// </summary>
/// <param name="context">The connection.</param>
/// <param name="active">The settings of its endpoint, which may change while it lasts.</param>
/// <param name="settings">The settings when it was accepted.</param>
/// <param name="http">The endpoint's HTTP.</param>
internal sealed class UpgradeConnection(
    ConnectionContext context, ActiveSettings active, SettingsSnapshot settings, ConnectionDelegate http)
{
    public ConnectionContext Context => context;

    /// <summary>The endpoint's HTTP, for clear text and for TLS.</summary>
    public ConnectionDelegate Http => http;

    /// <summary>The settings of its 101, or until then those it was accepted under.</summary>
    public SettingsSnapshot Settings { get; private set; } = settings;

    /// <summary>The settings now, or <see langword="null"/> while nothing is upgraded.</summary>
    public SettingsSnapshot? CurrentSettings => active.Current;

    /// <summary>The connection as HTTP in clear text sees it, while that lasts.</summary>
    public PlaintextConnection? Plaintext { get; set; }

    /// <summary>Whether a response in clear text has told the client that it can upgrade.</summary>
    public bool IsAdvertised { get; set; }

    /// <summary>The upgrade that was accepted, until it has been completed.</summary>
    public UpgradeRequest? Upgrade { get; private set; }

    /// <summary>The handshake, while it runs.</summary>
    public HandshakeTrace? Handshake { get; set; }

    /// <summary>What the handshake was asked for, where that depends on the server name.</summary>
    public NegotiatedSni? Sni { get; set; }

    /// <summary>The answer to the request that was received in clear text, while it is under way.</summary>
    public ReplayPhase? Replay { get; set; }

    public static UpgradeConnection? Of(IFeatureCollection features) => features.Get<UpgradeConnection>();

    /// <summary>The rules for a request in clear text, or <see langword="null"/> where its connection is not to be upgraded.</summary>
    public static UpgradePolicy? FindPolicy(HttpContext context) =>
        Of(context.Features) is { Plaintext: not null, CurrentSettings.Policy: var policy } ? policy : null;

    /// <summary>TLS follows, under these settings.</summary>
    public void Accept(UpgradeRequest upgrade, SettingsSnapshot accepting) => (Upgrade, Settings) = (upgrade, accepting);

    /// <summary>No TLS follows after all, or it has been completed.</summary>
    public void ForgetUpgrade() => Upgrade = null;
}
