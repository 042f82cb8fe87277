using System.Net;
using System.Text;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>Collects the figures of the report once a report is mapped.</summary>
internal sealed class ReportCollector(TimeProvider timeProvider) : ITlsUpgradeObserver
{
    private volatile bool _isStarted;

    public bool WatchesRequests => _isStarted;

    public TrafficHistory Traffic { get; } = new();

    public CallerTable Callers { get; } = new();

    /// <summary>When collecting began.</summary>
    public DateTimeOffset Since { get; private set; }

    public void Start()
    {
        if (!_isStarted)
        {
            Since = timeProvider.GetUtcNow();
            _isStarted = true;
        }
    }

    public void ConnectionSettled(in ConnectionResult connection)
    {
        if (!_isStarted)
        {
            return;
        }

        var now = timeProvider.GetUtcNow();
        Traffic.At(now).Add(connection.Outcome, connection.Cause);
        if (connection.Start is TlsStart.FirstRequest or TlsStart.LaterRequest
            && UpgradeConnection.Of(connection.Connection.Features)?.Upgrade is { } upgrade)
        {
            UpgradeSettled(connection, upgrade, now);
        }
    }

    public void RequestReceived(HttpContext context, TlsUpgradeState state, bool isReplayed)
    {
        var now = timeProvider.GetUtcNow();
        Traffic.At(now).Add(state);
        if (state is TlsUpgradeState.Plaintext)
        {
            GetCaller(context).AddPlaintext(OffersUpgrade(context.Request), now);
        }
        else if (isReplayed)
        {
            GetCaller(context).AddUpgraded(now);
        }
    }

    public void RequestRefused(HttpContext context, int statusCode)
    {
        if (_isStarted)
        {
            Traffic.At(timeProvider.GetUtcNow()).AddRefusal(statusCode);
        }
    }

    /// <summary>Takes back a request for the report itself. Otherwise the report would mostly show its own readers.</summary>
    public void TakeBack(HttpContext context)
    {
        if (context.Features.Get<ITlsUpgradeFeature>() is not { } upgrade)
        {
            return;
        }

        Traffic.At(timeProvider.GetUtcNow()).Add(upgrade.State, -1);
        if (upgrade.State is TlsUpgradeState.Plaintext)
        {
            context.Features.Get<Caller>()?.TakeBackPlaintext();
        }
        else if (upgrade.IsReplayedRequest)
        {
            context.Features.Get<Caller>()?.TakeBackUpgraded();
        }
    }

    /// <summary>
    /// A request that asks for an upgrade counts once it is answered over TLS. One that came through HTTP has already been counted as
    /// plaintext.
    /// </summary>
    private void UpgradeSettled(in ConnectionResult connection, UpgradeRequest upgrade, DateTimeOffset now)
    {
        var isTold = connection.Start is TlsStart.LaterRequest;
        var isFailed = connection.Outcome is not ConnectionOutcome.Upgraded;
        if (!isTold && !isFailed)
        {
            return;
        }

        // The head was made by ReplayHead, with its fields as they arrived.
        var head = Encoding.Latin1.GetString(upgrade.Head.Span);
        var product = ProductToken.Find(FindUserAgent(head));
        var network = NetworkPrefix.Of((connection.Connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (isTold)
        {
            Traffic.At(now).Add(TlsUpgradeState.Plaintext, -1);
            Callers.Find(product, network)?.TakeBackPlaintext();
        }

        if (isFailed)
        {
            Callers.GetOrAdd(product, network).AddFailed(now);
        }
    }

    private static ReadOnlySpan<char> FindUserAgent(ReadOnlySpan<char> head)
    {
        const string Field = "\r\nUser-Agent:";
        var start = head.IndexOf(Field, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return default;
        }

        var rest = head[(start + Field.Length)..];
        return rest[..rest.IndexOf("\r\n", StringComparison.Ordinal)].Trim(" \t");
    }

    private static bool OffersUpgrade(HttpRequest request)
    {
        var lines = request.Headers.Upgrade;
        if (lines.Count == 0)
        {
            return false;
        }

        var offer = default(UpgradeOffer);
        foreach (var line in lines)
        {
            offer.Add(line);
        }

        return offer.HasTls;
    }

    private Caller GetCaller(HttpContext context)
    {
        var product = context.Request.Headers.UserAgent is [{ } first, ..] ? ProductToken.Find(first) : default;
        var address = context.Features.Get<IHttpConnectionFeature>()?.RemoteIpAddress;
        var caller = Callers.GetOrAdd(product, NetworkPrefix.Of(address));

        // For TakeBack: later the application may have replaced the address by that of a forwarded header.
        context.Features.Set(caller);
        return caller;
    }
}
