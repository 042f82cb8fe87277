using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Internal.Versions;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>Endpoint rules that a request head alone decides, and what the endpoint advertises.</summary>
internal sealed class UpgradePolicy
{
    public required SslProtocols EnabledVersions
    {
        get;
        init
        {
            field = value;
            Tokens = UpgradeTokenText.FormatList(value);
        }
    }

    /// <summary>The requirements of host names that have their own settings.</summary>
    public ServerNameTable<SniRequirements>? RequirementsByName { get; init; }

    /// <summary>Which offers are accepted.</summary>
    public required TlsUpgradeOffers Offers { get; init; }

    /// <summary>Whose offers are accepted, or <see langword="null"/> for everyone's.</summary>
    public CallerRules? OffersFrom { get; init; }

    /// <summary>Decides on each offer in code, if set.</summary>
    public Func<TlsUpgradeOfferContext, ValueTask<bool>>? AcceptOffer { get; init; }

    public required bool StrictTokens { get; init; }

    public required bool AllowBehindProxy { get; init; }

    /// <summary>
    /// Whether an offer must announce a marked handshake. An unmarked handshake would be refused, so declining the offer serves the client
    /// better.
    /// </summary>
    public required bool NeedsHint { get; init; }

    public required TlsUpgradeAdvertisement Advertise { get; init; }

    /// <summary>Whether browsers can use https:// with the endpoint's host and port.</summary>
    public required bool ServesDirectTls { get; init; }

    /// <summary>Whether that https:// needs HTTP/2.</summary>
    public required bool IsDirectTlsHttp2Only { get; init; }

    public required bool RedirectBrowsers { get; init; }

    /// <summary>Whether the application answers <c>OPTIONS *</c> inside TLS.</summary>
    public required bool PassOptionsAsterisk { get; init; }

    /// <summary>The endpoint's limits. A request that Kestrel would reject is never upgraded.</summary>
    public required KestrelServerLimits Limits { get; init; }

    /// <summary>Whether a client that offers an upgrade now could get one.</summary>
    public bool IsOffering => Offers is not TlsUpgradeOffers.None;

    /// <summary>The advertised tokens as an Upgrade field value: the enabled versions, highest first.</summary>
    public string Tokens { get; private init; } = "";

    public static UpgradePolicy Create(ListenOptions endpoint, TlsUpgradeOptions options, ServerNameTable<SniRequirements> requirementsByName) => new()
    {
        EnabledVersions = options.HandshakeCallback is null ? options.Https.SslProtocols : TlsVersion.Recommended,
        RequirementsByName = requirementsByName.IsEmpty ? null : requirementsByName,
        Offers = options.Offers,
        OffersFrom = CallerRules.Create(options.OffersFrom),
        AcceptOffer = options.AcceptOffer,
        StrictTokens = options.StrictTokens,
        AllowBehindProxy = options.AllowBehindProxy,
        NeedsHint = options.AcceptedClients is TlsUpgradeClientMode.AwareOnly,
        Advertise = options.Advertise,
        ServesDirectTls = options.DirectTls is DirectTlsMode.Any
            || (options.DirectTls is DirectTlsMode.Http2Only && (endpoint.Protocols & HttpProtocols.Http2) != 0),
        IsDirectTlsHttp2Only = options.DirectTls is DirectTlsMode.Http2Only,
        RedirectBrowsers = options.RedirectBrowsers,
        PassOptionsAsterisk = options.PassOptionsAsterisk,
        Limits = endpoint.KestrelServerOptions.Limits,
    };

    /// <summary>Decides on an offer, as far as its Upgrade field decides it, and selects the token to switch to.</summary>
    public DeclineReason Judge(in UpgradeOffer offer, string host, out UpgradeToken token)
    {
        token = UpgradeToken.None;
        if (Offers is TlsUpgradeOffers.None)
        {
            return DeclineReason.NoneAccepted;
        }

        if (NeedsHint && !offer.IsHinted)
        {
            return DeclineReason.Unmarked;
        }

        token = offer.Select(RequirementsByName?.FindByHost(host)?.SslProtocols ?? EnabledVersions, StrictTokens);
        return token is UpgradeToken.None ? DeclineReason.NoVersion : DeclineReason.None;
    }
}
