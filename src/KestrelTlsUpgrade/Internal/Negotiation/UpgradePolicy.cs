using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>What an endpoint accepts, as far as it shows in the head of a request.</summary>
internal sealed class UpgradePolicy
{
    public required SslProtocols EnabledVersions { get; init; }

    public required bool StrictTokens { get; init; }

    public required bool AllowBehindProxy { get; init; }

    /// <summary>The endpoint's limits: what Kestrel would refuse is never upgraded.</summary>
    public required KestrelServerLimits Limits { get; init; }

    /// <summary>The token to switch to, or none if the offer is declined.</summary>
    public UpgradeToken Select(in UpgradeOffer offer) => offer.Select(EnabledVersions, StrictTokens);
}
