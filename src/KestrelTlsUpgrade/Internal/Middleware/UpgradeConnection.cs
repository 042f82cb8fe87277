using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Plaintext;
using KestrelTlsUpgrade.Internal.Replay;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Middleware;

/// <summary>
/// The state of one connection to an upgrade endpoint, from accept to close. It is our only internal feature on the connection: in clear
/// text <see cref="PlaintextFeatures"/> has it, and the handshake sets it on the connection itself. <see cref="ITlsUpgradeFeature"/> is what
/// applications see.
/// </summary>
/// <param name="context">The transport connection.</param>
/// <param name="active">The endpoint's current settings, which can change while the connection is open.</param>
/// <param name="settings">The settings at accept.</param>
/// <param name="http">The endpoint's HTTP pipeline.</param>
internal sealed class UpgradeConnection(
    ConnectionContext context, ActiveSettings active, SettingsSnapshot settings, ConnectionDelegate http)
{
    public ConnectionContext Context => context;

    /// <summary>The endpoint's HTTP pipeline, used for clear text and for TLS.</summary>
    public ConnectionDelegate Http => http;

    /// <summary>The settings of the 101; before it, the settings at accept.</summary>
    public SettingsSnapshot Settings { get; private set; } = settings;

    /// <summary>The endpoint's current settings, or <see langword="null"/> while the endpoint does not upgrade.</summary>
    public SettingsSnapshot? CurrentSettings => active.Current;

    /// <summary>What happens to plaintext requests for resources that require TLS.</summary>
    public TlsUpgradeRequirement Requirement => active.Requirement;

    /// <summary>The connection that plaintext HTTP runs on, during the plaintext phase.</summary>
    public PlaintextConnection? Plaintext { get; set; }

    /// <summary>Whether a plaintext response has already advertised the upgrade.</summary>
    public bool IsAdvertised { get; set; }

    /// <summary>The accepted upgrade, until its handshake has completed.</summary>
    public UpgradeRequest? Upgrade { get; private set; }

    /// <summary>The handshake in progress.</summary>
    public HandshakeTrace? Handshake { get; set; }

    /// <summary>The negotiated client requirements, if the endpoint has settings by server name.</summary>
    public NegotiatedSni? Sni { get; set; }

    /// <summary>The replay of the plaintext request, until it has been answered.</summary>
    public ReplayPhase? Replay { get; set; }

    /// <summary>Whether the application failed within the last response. A response that was cut must not look whole.</summary>
    public bool IsCut { get; set; }

    /// <summary>Whether TLS has ended with close_notify.</summary>
    public bool IsEndedOrderly { get; set; }

    public static UpgradeConnection? Of(IFeatureCollection? features) => features?.Get<UpgradeConnection>();

    /// <summary>The policy for a plaintext request, or <see langword="null"/> if its connection cannot be upgraded.</summary>
    public static UpgradePolicy? FindPolicy(HttpContext context) =>
        Of(context.Features) is { Plaintext: not null, CurrentSettings.Policy: var policy } ? policy : null;

    /// <summary>Accepts an upgrade under the given settings. The TLS handshake follows.</summary>
    public void Accept(UpgradeRequest upgrade, SettingsSnapshot accepting) => (Upgrade, Settings) = (upgrade, accepting);

    /// <summary>Clears the upgrade: it was not carried out, or its handshake has completed.</summary>
    public void ForgetUpgrade() => Upgrade = null;
}
