using System.Diagnostics;
using KestrelTlsUpgrade.Internal.Middleware;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>
/// Reports how a request arrived: to its trace, to the W3C log, and to the observers. Without any of them, a request only costs the check.
/// </summary>
/// <param name="observers">The observers.</param>
/// <param name="w3c">The options of the W3C log, which cannot log custom fields except request headers.</param>
/// <param name="activities">The activity source of ASP.NET Core.</param>
internal sealed class RequestTelemetry(
    TlsUpgradeObservers observers, IOptions<W3CLoggerOptions> w3c, ActivitySource? activities = null)
{
    /// <summary>
    /// The header that an application adds to <see cref="W3CLoggerOptions.AdditionalRequestHeaders"/> to get the state into its W3C log,
    /// which can log request headers but no other custom fields.
    /// </summary>
    public const string W3CHeader = "Tls-Upgrade-State";

    private readonly bool _isInW3CLog = w3c.Value.AdditionalRequestHeaders.Contains(W3CHeader, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether requests are currently reported to anyone.</summary>
    public bool IsActive => _isInW3CLog || activities is null || activities.HasListeners() || observers.WatchesRequests;

    /// <summary>Whether we write this request header, so that the client's value is ignored.</summary>
    public bool Writes(string fieldName) => _isInW3CLog && fieldName.Equals(W3CHeader, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reports a request. Must run before any other middleware sees the request.</summary>
    public void Report(HttpContext context)
    {
        var feature = context.Features.Get<ITlsUpgradeFeature>();
        if (_isInW3CLog)
        {
            // Overwrite the header: a client must not be able to set it.
            context.Request.Headers[W3CHeader] = feature is null ? default : TagNames.Of(feature.State);
        }

        if (feature is null)
        {
            return;
        }

        observers.RequestReceived(context, feature.State, feature.IsReplayedRequest);
        if (FindSpan(context) is { } span)
        {
            Tag(span, feature, context.Features.Get<ITlsHandshakeFeature>());
            SetPort(span, context);
            if (UpgradeConnection.Of(context.Features)?.Replay is { SwitchedSpan: var first } && first != default)
            {
                span.AddLink(new(first));
            }
        }
    }

    /// <summary>The span of a request, if it is recorded.</summary>
    public static Activity? FindSpan(HttpContext context) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } activity ? activity : null;

    /// <summary>Marks the span of a request that got a 101: the span of its replay has the answer.</summary>
    public static void MarkSwitched(HttpContext context) => FindSpan(context)?.SetTag(TagNames.Switched, true);

    /// <summary>
    /// Instrumentation takes the port from the Host field. Where that has none, the default of https would be wrong: the port is the same
    /// before and after an upgrade.
    /// </summary>
    private static void SetPort(Activity span, HttpContext context)
    {
        if (span.GetTagItem(TagNames.ServerPort) is null && (context.Request.Host.Port ?? context.Connection.LocalPort) is > 0 and var port)
        {
            span.SetTag(TagNames.ServerPort, port);
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
