using System.Diagnostics;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>
/// Tells how a request arrived: to its trace, to the W3C log, and to whoever observes. Where nobody wants to know, which is asked
/// first, a request costs no more than the question.
/// </summary>
/// <param name="observers">Those who observe.</param>
/// <param name="w3c">The W3C log, which has no fields of its own for others than itself.</param>
/// <param name="activities">Where ASP.NET Core has its traces from.</param>
internal sealed class RequestTelemetry(
    TlsUpgradeObservers observers, IOptions<W3CLoggerOptions> w3c, ActivitySource? activities = null)
{
    /// <summary>
    /// What an application adds to <see cref="W3CLoggerOptions.AdditionalRequestHeaders"/> to have the state in its W3C log: that can
    /// log headers of the request, and nothing else that is not its own.
    /// </summary>
    public const string W3CHeader = "Tls-Upgrade-State";

    private readonly bool _isInW3CLog = w3c.Value.AdditionalRequestHeaders.Contains(W3CHeader, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether anybody wants to know of requests now.</summary>
    public bool IsActive => _isInW3CLog || activities is null || activities.HasListeners() || observers.WatchesRequests;

    /// <summary>Whether a field of the request is written here, and so is none of the client's.</summary>
    public bool Writes(string fieldName) => _isInW3CLog && fieldName.Equals(W3CHeader, StringComparison.OrdinalIgnoreCase);

    /// <summary>Called for a request before anybody else sees it.</summary>
    public void Tell(HttpContext context)
    {
        var feature = context.Features.Get<ITlsUpgradeFeature>();
        if (_isInW3CLog)
        {
            // Whatever a client says of it does not count.
            context.Request.Headers[W3CHeader] = feature is null ? default : TagNames.Of(feature.State);
        }

        if (feature is null)
        {
            return;
        }

        observers.RequestReceived(context, feature.State, feature.IsReplayedRequest);
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } activity)
        {
            Tag(activity, feature, context.Features.Get<ITlsHandshakeFeature>());
        }
    }

    private static void Tag(Activity activity, ITlsUpgradeFeature feature, ITlsHandshakeFeature? handshake)
    {
        activity.SetTag(TagNames.State, TagNames.Of(feature.State));
        if (feature.IsReplayedRequest)
        {
            activity.SetTag(TagNames.Replayed, true);
        }

        if (handshake is not null)
        {
            activity.SetTag(TagNames.TlsName, "tls");
            activity.SetTag(TagNames.TlsVersion, TagNames.Of(handshake.Protocol));
            activity.SetTag(TagNames.TlsCipher, handshake.NegotiatedCipherSuite?.ToString());
        }
    }
}
