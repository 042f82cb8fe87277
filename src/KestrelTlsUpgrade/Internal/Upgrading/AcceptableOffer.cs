using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Plaintext;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>
/// An offer that the endpoint's settings allow, in a request that Kestrel's HTTP serves. If only a resource that requires TLS makes it
/// accepted, it is a feature of the request until its resource is known.
/// </summary>
/// <param name="context">The request.</param>
/// <param name="connection">Its connection.</param>
/// <param name="phase">The plaintext phase of the connection.</param>
/// <param name="settings">The settings that allow the offer.</param>
/// <param name="request">The request as it came: middleware may change it before its resource is known.</param>
/// <param name="observers">Told if the offer is declined.</param>
/// <param name="logger">A logger.</param>
internal sealed partial class AcceptableOffer(
    HttpContext context,
    UpgradeConnection connection,
    PlaintextConnection phase,
    SettingsSnapshot settings,
    UpgradeRequest request,
    TlsUpgradeObservers observers,
    ILogger logger)
{
    private readonly IHttpUpgradeFeature _upgrade = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
    private bool _isAccepted;
    private bool _isDeclined;

    /// <summary>Why the offer is declined if the resource does not require TLS.</summary>
    private DeclineReason _optionalReason;

    /// <summary>Whether the application's code decides whether the offer is accepted.</summary>
    public bool DependsOnCode => settings.Policy.AcceptOffer is not null;

    public ValueTask<bool> IsAcceptedByCodeAsync() => settings.Policy.AcceptOffer!(new(
        context, CallerRules.Unmap(connection.Context.RemoteEndPoint), UpgradeTokenText.Format(request.Token), request.IsHinted));

    /// <summary>Whether the offer is accepted only if the request's resource requires TLS, as far as this instance knows.</summary>
    public bool WaitsForResource()
    {
        _optionalReason =
            settings.Policy.Offers is TlsUpgradeOffers.WhereRequired
                ? request.IsOptionsAsterisk ? DeclineReason.None : DeclineReason.NotRequired
            : request.IsOptional && settings.Fallback is { } fallback ? fallback.Judge(connection.Context.RemoteEndPoint, request)
            : DeclineReason.None;
        return _optionalReason is not (DeclineReason.None or DeclineReason.NotKnown);
    }

    /// <summary>The same after other instances have been asked, if this one does not know.</summary>
    public async ValueTask<bool> WaitsByOthersAsync()
    {
        if (_optionalReason is DeclineReason.NotKnown)
        {
            _optionalReason = await settings.Fallback!.JudgeAsync(connection.Context.RemoteEndPoint, request);
        }

        return _optionalReason is not DeclineReason.None;
    }

    /// <summary>Keeps the offer until the request's resource is known.</summary>
    public void Defer()
    {
        context.Features.Set(this);

        // Registered first, runs last: middleware in front of routing may add cookies and the like, and the 101 travels in clear text.
        context.Response.OnStarting(
            static state =>
            {
                ((AcceptableOffer)state).OnResponseStarting();
                return Task.CompletedTask;
            },
            this);
    }

    /// <summary>Accepts the deferred offer of a request, if it has one. Returns whether it has been answered.</summary>
    public static ValueTask<bool> TryAcceptDeferredAsync(HttpContext context) =>
        context.Features.Get<AcceptableOffer>() is { } offer ? offer.TryAcceptAsync() : ValueTask.FromResult(false);

    /// <summary>Answers 101, or 400 to a client that has not waited for it. Returns <see langword="false"/> if the offer is declined after all.</summary>
    public async ValueTask<bool> TryAcceptAsync()
    {
        if (context.Response.HasStarted)
        {
            return false;
        }

        if (phase.HasReadAhead())
        {
            request.Trial?.Abandon();
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.Headers.Connection = "close";
            Log.ReadAhead(logger, context.Connection.Id);
            return true;
        }

        connection.Accept(request, settings);
        context.Response.Headers.Upgrade = SwitchingProtocols.FieldValue(request.Token);
        _isAccepted = true;
        try
        {
            // Kestrel's HTTP loop ends with this request, and the connection middleware goes on with TLS.
            await _upgrade.UpgradeAsync();
        }
        catch (Exception exception)
        {
            _isAccepted = false;
            connection.ForgetUpgrade();
            if (exception is not InvalidOperationException || context.Response.HasStarted)
            {
                throw;
            }

            // Limits.MaxConcurrentUpgradedConnections is reached. A server may decline an offer.
            context.Response.Headers.Remove("Upgrade");
            Log.DeclinedByLimit(logger, context.Connection.Id);
            request.Trial?.Abandon();
            Decline(DeclineReason.LimitReached);
            return false;
        }

        RequestTelemetry.MarkSwitched(context);
        return true;
    }

    /// <summary>Reports that the offer is declined.</summary>
    public void Decline(DeclineReason reason)
    {
        if (!_isDeclined)
        {
            _isDeclined = true;
            observers.OfferDeclined(context, reason);
        }
    }

    private void OnResponseStarting()
    {
        if (!_isAccepted)
        {
            Decline(_optionalReason);
            return;
        }

        var headers = context.Response.Headers;
        var upgrade = headers.Upgrade;
        headers.Clear();
        headers.Connection = "Upgrade";
        headers.Upgrade = upgrade;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Connection {ConnectionId} was not upgraded to TLS: Limits.MaxConcurrentUpgradedConnections has been reached.", EventName = "DeclinedByLimit")]
        public static partial void DeclinedByLimit(ILogger logger, string connectionId);

        [LoggerMessage(2, LogLevel.Debug, "Connection {ConnectionId} was not upgraded to TLS: the client sent data before the response, and a connection middleware has read it.", EventName = "ReadAhead")]
        public static partial void ReadAhead(ILogger logger, string connectionId);
    }
}
