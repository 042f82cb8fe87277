using System.Net;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Internal.Upgrading;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>Collects the figures of the report once a report is mapped.</summary>
internal sealed class ReportCollector(TimeProvider timeProvider, ExpectedCallers? expected = null, bool keepsAddresses = false)
    : ITlsUpgradeObserver
{
    private readonly ExpectedCallers _expected = expected ?? ExpectedCallers.None;
    private volatile bool _isStarted;

    public bool WatchesRequests => _isStarted;

    public TrafficHistory Traffic { get; } = new();

    /// <summary>The callers whose requests arrive in clear text.</summary>
    public CallerTable Callers { get; } = new();

    /// <summary>Those that begin with TLS. They have places of their own, and displace nobody who still uses clear text.</summary>
    public CallerTable DirectCallers { get; } = new();

    /// <summary>When collecting began.</summary>
    public DateTimeOffset Since { get; private set; }

    /// <summary>The era of the settings that decide on offers and requirements.</summary>
    public SettingsEra Rules { get; } = new();

    /// <summary>The era of the certificates, which clients may or may not accept.</summary>
    public SettingsEra Certificates { get; } = new();

    public void Start()
    {
        if (!_isStarted)
        {
            Since = timeProvider.GetUtcNow();
            Rules.Start(settings: null, Since);
            Certificates.Start(settings: null, Since);
            _isStarted = true;
        }
    }

    /// <summary>Goes on counting for an earlier run of the application, which began then.</summary>
    public void Restore(DateTimeOffset since) => Since = since;

    public void ConnectionSettled(in ConnectionResult connection)
    {
        if (!_isStarted)
        {
            return;
        }

        var now = timeProvider.GetUtcNow();
        Traffic.At(now).Add(connection.Outcome, connection.Cause);
        if (connection.Start is TlsStart.FirstRequest or TlsStart.LaterRequest
            && UpgradeConnection.Of(connection.Connection.Features) is { Upgrade: { } upgrade, Handshake: var handshake })
        {
            UpgradeSettled(connection, upgrade, handshake, now);
        }
        else if (connection is { Start: TlsStart.FirstByte, Cause: not FailureCause.DirectHttp1 } && FailureDescription.Of(connection.Cause).ShutsOut)
        {
            // It has sent no request, so it has no name.
            var trace = UpgradeConnection.Of(connection.Connection.Features)?.Handshake;
            AddShutOut(connection.Connection, userAgent: "", CallerFailure.OfDirectTls(connection.Cause, trace, now));
        }
    }

    public void DirectHttp1Refused(ConnectionContext connection, string userAgent)
    {
        if (_isStarted)
        {
            AddShutOut(connection, userAgent, CallerFailure.OfDirectTls(FailureCause.DirectHttp1, handshake: null, timeProvider.GetUtcNow()));
        }
    }

    public void RequestReceived(HttpContext context, TlsUpgradeState state, bool isReplayed)
    {
        var now = timeProvider.GetUtcNow();
        Traffic.At(now).Add(state);
        if (state is TlsUpgradeState.Plaintext)
        {
            GetCaller(Callers, context).Add(FindKind(context.Request), now);
        }
        else if (isReplayed)
        {
            GetCaller(Callers, context).Add(CallerFigure.Upgraded, now);
        }
        else if (state is TlsUpgradeState.DirectTls)
        {
            GetCaller(DirectCallers, context).Add(CallerFigure.DirectTls, now);
        }
        else if (FindCaller(context, Callers, isAdded: false) is { } caller)
        {
            context.Features.Set(caller);
            caller.Add(CallerFigure.AfterUpgrade, now);
        }
    }

    public void RequestRefused(HttpContext context, int statusCode)
    {
        if (!_isStarted)
        {
            return;
        }

        var now = timeProvider.GetUtcNow();
        Traffic.At(now).AddRefusal(statusCode);
        if (CallerResources.Statuses.IndexOf(statusCode) < 0)
        {
            return;
        }

        var counted = context.Features.Get<Caller>();
        var caller = counted ?? GetCaller(Callers, context);
        caller.Resources.AddRefused(RequestedResource.FindRoute(context), statusCode, OffersUpgrade(context.Request), now);
        if (statusCode is StatusCodes.Status307TemporaryRedirect)
        {
            // It is sent to https, and was not answered in clear text.
            counted?.TakeBack(FindKind(context.Request));
            caller.Add(CallerFigure.Redirected, now);
        }
        else if (counted is not null && FindKind(context.Request) is CallerFigure.Plain)
        {
            counted.Add(CallerFigure.PlainRefused, now);
        }
    }

    public void RequestTolerated(HttpContext context, int statusCode)
    {
        if (_isStarted)
        {
            GetCountedCaller(context).Resources.AddTolerated(
                RequestedResource.FindRoute(context), statusCode, OffersUpgrade(context.Request), Rules.Number, timeProvider.GetUtcNow());
        }
    }

    public void OfferDeclined(HttpContext context, DeclineReason reason)
    {
        if (_isStarted)
        {
            GetCountedCaller(context).AddDeclined(reason, OptionsAsterisk.IsRequestedBy(context), timeProvider.GetUtcNow());
        }
    }

    public void CallerFellBack(in FallenCaller caller)
    {
        if (!_isStarted)
        {
            return;
        }

        var found = FindCaller(caller.UserAgent, AddressOf(caller.Connection.RemoteEndPoint), Callers, isAdded: true)!;
        var now = timeProvider.GetUtcNow();
        found.FallBack(caller.Until, now);
        if (caller.Cause is FailureCause.GoneAfterHandshake)
        {
            // The connection has been counted as upgraded.
            found.TakeBack(CallerFigure.Upgraded);
            found.Add(CallerFigure.Failed, now);
            found.Failures.Add(CallerFailure.Of(caller, now));
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
        context.Features.Get<Caller>()?.TakeBack(
            upgrade.State is TlsUpgradeState.Plaintext ? FindKind(context.Request)
            : upgrade.IsReplayedRequest ? CallerFigure.Upgraded
            : upgrade.State is TlsUpgradeState.DirectTls ? CallerFigure.DirectTls
            : CallerFigure.AfterUpgrade);
    }

    /// <summary>
    /// A request that asks for an upgrade counts once it is answered over TLS. One that came through HTTP has already been counted as
    /// plaintext.
    /// </summary>
    private void UpgradeSettled(in ConnectionResult connection, UpgradeRequest upgrade, HandshakeTrace? handshake, DateTimeOffset now)
    {
        var isTold = connection.Start is TlsStart.LaterRequest;
        var isFailed = connection.Outcome is not ConnectionOutcome.Upgraded;
        if (!isTold && !isFailed)
        {
            return;
        }

        var userAgent = upgrade.UserAgent;
        var address = AddressOf(connection.Connection.RemoteEndPoint);
        if (isTold)
        {
            Traffic.At(now).Add(TlsUpgradeState.Plaintext, -1);
            FindCaller(userAgent, address, Callers, isAdded: false)?.TakeBack(CallerFigure.Offering);
        }

        if (isFailed)
        {
            var caller = FindCaller(userAgent, address, Callers, isAdded: true)!;
            caller.Add(CallerFigure.Failed, now);
            caller.Failures.Add(CallerFailure.Of(connection.Cause, upgrade, handshake, now));
        }
    }

    private void AddShutOut(ConnectionContext connection, string userAgent, CallerFailure failure)
    {
        var caller = FindCaller(userAgent, AddressOf(connection.RemoteEndPoint), DirectCallers, isAdded: true)!;
        caller.Add(CallerFigure.DirectShutOut, failure.Last);
        caller.Failures.Add(failure);
    }

    private static CallerFigure FindKind(HttpRequest request) =>
        OffersUpgrade(request) ? CallerFigure.Offering
        : request.Headers.UpgradeInsecureRequests is ["1"] && request.Method is "GET" or "HEAD" ? CallerFigure.Navigating
        : CallerFigure.Plain;

    private static bool OffersUpgrade(HttpRequest request) => UpgradeOffer.Of(request.Headers.Upgrade).HasTls;

    private static IPAddress? AddressOf(EndPoint? caller) => (caller as IPEndPoint)?.Address;

    /// <summary>The caller that the request has been counted for. Requests to other endpoints than ours are not counted.</summary>
    private Caller GetCountedCaller(HttpContext context) => context.Features.Get<Caller>() ?? GetCaller(Callers, context);

    private Caller GetCaller(CallerTable table, HttpContext context)
    {
        var caller = FindCaller(context, table, isAdded: true)!;

        // For TakeBack: later the application may have replaced the address by that of a forwarded header.
        context.Features.Set(caller);
        return caller;
    }

    private Caller? FindCaller(HttpContext context, CallerTable table, bool isAdded) => FindCaller(
        context.Request.Headers.UserAgent is [{ } first, ..] ? first : default,
        context.Features.Get<IHttpConnectionFeature>()?.RemoteIpAddress,
        table,
        isAdded);

    private Caller? FindCaller(ReadOnlySpan<char> userAgent, IPAddress? address, CallerTable table, bool isAdded)
    {
        Span<char> buffer = stackalloc char[ProductToken.MaxLength];
        var product = CallerProduct.Find(userAgent, buffer);
        var network = NetworkPrefix.Of(address);
        var isExpected = _expected.Contains(product, address);
        var caller = isAdded ? table.GetOrAdd(product, network, isExpected) : table.Find(product, network, isExpected);
        if (keepsAddresses && address is not null)
        {
            caller?.AddAddress(address, timeProvider.GetUtcNow());
        }

        return caller;
    }
}
