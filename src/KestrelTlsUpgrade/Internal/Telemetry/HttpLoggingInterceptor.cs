using Microsoft.AspNetCore.HttpLogging;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Adds to HTTP logging how a request arrived.</summary>
internal sealed class HttpLoggingInterceptor : IHttpLoggingInterceptor
{
    public ValueTask OnRequestAsync(HttpLoggingInterceptorContext logContext)
    {
        // Belongs to the scheme, so it is omitted if the scheme is.
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
