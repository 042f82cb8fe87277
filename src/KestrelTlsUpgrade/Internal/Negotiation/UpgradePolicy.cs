using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Internal.Versions;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>The endpoint's rules that the head of a request alone decides, and what the endpoint advertises.</summary>
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

    /// <summary>The versions of the host names that have settings of their own.</summary>
    public ServerNameTable<SniRequirements>? RequirementsByName { get; init; }

    public required bool StrictTokens { get; init; }

    public required bool AllowBehindProxy { get; init; }

    /// <summary>
    /// Whether an offer is accepted only if it announces a marked handshake: any other handshake would be refused, so that its client is
    /// better served in clear text.
    /// </summary>
    public bool NeedsHint { get; init; }

    public required TlsUpgradeAdvertisement Advertise { get; init; }

    /// <summary>Whether https:// with the endpoint's own host and port is served to browsers.</summary>
    public required bool ServesDirectTls { get; init; }

    public required bool RedirectBrowsers { get; init; }

    /// <summary>The endpoint's limits: what Kestrel would refuse is never upgraded.</summary>
    public required KestrelServerLimits Limits { get; init; }

    /// <summary>What can be asked for, as the value of an Upgrade field: the enabled versions, the highest first.</summary>
    public string Tokens { get; private init; } = "";

    public static UpgradePolicy Create(ListenOptions endpoint, TlsUpgradeOptions options, ServerNameTable<SniRequirements> requirementsByName) => new()
    {
        EnabledVersions = options.HandshakeCallback is null ? options.Https.SslProtocols : TlsVersion.Recommended,
        RequirementsByName = requirementsByName.IsEmpty ? null : requirementsByName,
        StrictTokens = options.StrictTokens,
        AllowBehindProxy = options.AllowBehindProxy,
        NeedsHint = options.AcceptedClients is TlsUpgradeClientMode.AwareOnly,
        Advertise = options.Advertise,
        ServesDirectTls = options.DirectTls is DirectTlsMode.Any
            || (options.DirectTls is DirectTlsMode.Http2Only && (endpoint.Protocols & HttpProtocols.Http2) != 0),
        RedirectBrowsers = options.RedirectBrowsers,
        Limits = endpoint.KestrelServerOptions.Limits,
    };

    /// <summary>The token to switch to, or none if the offer is declined.</summary>
    public UpgradeToken Select(in UpgradeOffer offer, string host) =>
        NeedsHint && !offer.IsHinted
            ? UpgradeToken.None
            : offer.Select(RequirementsByName?.FindByHost(host)?.SslProtocols ?? EnabledVersions, StrictTokens);
}
