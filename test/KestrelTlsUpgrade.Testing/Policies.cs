using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Testing;

internal static class Policies
{
    public static UpgradePolicy Default { get; } = Create();

    public static UpgradePolicy Create(
        bool strictTokens = false,
        bool allowBehindProxy = false,
        Action<KestrelServerLimits>? configureLimits = null,
        SslProtocols versions = SslProtocols.Tls12 | SslProtocols.Tls13,
        TlsUpgradeOffers offers = TlsUpgradeOffers.All)
    {
        var limits = new KestrelServerLimits();
        configureLimits?.Invoke(limits);
        return new UpgradePolicy
        {
            EnabledVersions = versions,
            Offers = offers,
            StrictTokens = strictTokens,
            AllowBehindProxy = allowBehindProxy,
            PassOptionsAsterisk = false,
            NeedsHint = false,
            Advertise = TlsUpgradeAdvertisement.Never,
            ServesDirectTls = true,
            IsDirectTlsHttp2Only = true,
            RedirectBrowsers = true,
            Limits = limits,
        };
    }
}
