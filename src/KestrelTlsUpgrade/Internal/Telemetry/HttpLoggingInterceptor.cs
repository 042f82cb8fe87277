using Microsoft.AspNetCore.HttpLogging;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Adds to the lines of HTTP logging how a request arrived.</summary>
internal sealed class HttpLoggingInterceptor : IHttpLoggingInterceptor
{
    public ValueTask OnRequestAsync(HttpLoggingInterceptorContext logContext)
    {
        // It goes with the scheme, and not into a log that leaves that out.
        if (logContext.IsAnyEnabled(HttpLoggingFields.RequestScheme)
            && logContext.HttpContext.Features.Get<ITlsUpgradeFeature>() is { } upgrade)
        {
            logContext.AddParameter("TlsUpgradeState", TagNames.Of(upgrade.State));
            if (upgrade.IsReplayedRequest)
            {
                logContext.AddParameter("TlsUpgradeReplayed", true);
            }
        }

        return default;
    }

    public ValueTask OnResponseAsync(HttpLoggingInterceptorContext logContext) => default;
}
