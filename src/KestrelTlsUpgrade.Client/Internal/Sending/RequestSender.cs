using System.Net;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>Decides which connections each request, and each redirect of it, uses.</summary>
internal sealed partial class RequestSender(
    TlsUpgradeClientOptions options, InnerHandlers handlers, ServerMemory memory, ILogger logger)
{
    /// <summary>Sends a request. Completes synchronously for a synchronous request.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, bool async, CancellationToken cancellationToken)
    {
        for (var redirections = 0; ; redirections++)
        {
            var scope = RequestScope.Begin(isRedirected: redirections > 0);
            HttpResponseMessage response;
            try
            {
                response = await SendOnceAsync(request, async, cancellationToken).ConfigureAwait(false);
            }
            catch (UpgradeException failure)
            {
                throw failure.ToCallerException();
            }

            scope.Connection?.Mark(response);
            if (!handlers.AllowAutoRedirect
                || redirections == handlers.MaxAutomaticRedirections
                || Redirection.TargetOf(request, response) is not { } target)
            {
                return response;
            }

            response.Dispose();
            Redirection.Apply(request, response.StatusCode, target);
        }
    }

    private ValueTask<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, bool async, CancellationToken cancellationToken)
    {
        if (!PlaintextRequest.IsPlaintext(request.RequestUri))
        {
            return handlers.SendAsync(request, async, cancellationToken);
        }

        if (PlaintextRequest.InsistsOnHttp2(request))
        {
            return options.Mode is TlsUpgradeMode.Required
                ? throw LastingFailure.Mark(new HttpRequestException(
                    HttpRequestError.VersionNegotiationError,
                    $"HTTP/{request.Version} was asked for without a lower version, but upgraded connections speak HTTP/1.1 (RFC 9113 section 8.6)."))
                : handlers.SendAsync(request, async, cancellationToken);
        }

        var uri = request.RequestUri!;
        return options.Mode switch
        {
            TlsUpgradeMode.Required => handlers.SendUpgradedAsync(request, async, cancellationToken),
            TlsUpgradeMode.Preferred => SendPreferredAsync(request, uri, async, cancellationToken),
            _ => SendOnDemandAsync(request, uri, async, cancellationToken),
        };
    }

    private async ValueTask<HttpResponseMessage> SendPreferredAsync(
        HttpRequestMessage request, Uri uri, bool async, CancellationToken cancellationToken)
    {
        var origin = Origin.Of(uri);
        if (memory.Refusals.Knows(origin, options.TimeProvider, options.RefusalLifetime))
        {
            return await SendRefusedAsync(request, uri, origin, async, cancellationToken).ConfigureAwait(false);
        }

        UpgradeException failure;
        try
        {
            return await handlers.SendUpgradedAsync(request, async, cancellationToken).ConfigureAwait(false);
        }
        catch (UpgradeException exception) when (exception.LeavesClearText)
        {
            failure = exception;
        }

        RememberRefusal(origin, failure);
        Log.GoesOnInClearText(logger, origin);
        var response = await handlers.SendInClearTextAsync(request, async, cancellationToken).ConfigureAwait(false);
        if (failure.IsUnanswered)
        {
            // The server answers, but not an offer. If it did not answer this either, it would say nothing about offers.
            memory.Refusals.Remember(origin, options.TimeProvider, options.RefusalLifetime);
        }

        return response;
    }

    /// <summary>
    /// Sends to an origin that has refused an upgrade not long ago. If it requires one now, its settings have changed since.
    /// </summary>
    private async ValueTask<HttpResponseMessage> SendRefusedAsync(
        HttpRequestMessage request, Uri uri, Origin origin, bool async, CancellationToken cancellationToken)
    {
        var response = await handlers.SendInClearTextAsync(request, async, cancellationToken).ConfigureAwait(false);
        var isRedirected = IsRedirectedToTls(request, response);
        if (!isRedirected && !(response.StatusCode is HttpStatusCode.UpgradeRequired && AsksForTls(response, uri)))
        {
            return response;
        }

        memory.Refusals.Forget(origin);
        return await RepeatAsync(request, response, origin, isRedirected, async, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<HttpResponseMessage> SendOnDemandAsync(
        HttpRequestMessage request, Uri uri, bool async, CancellationToken cancellationToken)
    {
        var origin = Origin.Of(uri);
        if (memory.Demands.Knows(origin, options.TimeProvider, options.DemandLifetime)
            && await TrySendUpgradedAsync(request, origin, hasOtherWay: false, async, cancellationToken).ConfigureAwait(false) is { } upgraded)
        {
            return upgraded;
        }

        var response = await handlers.SendInClearTextAsync(request, async, cancellationToken).ConfigureAwait(false);
        var isRedirected = IsRedirectedToTls(request, response);
        if (!isRedirected && !AsksForTls(response, uri))
        {
            return response;
        }

        var isDemand = isRedirected || response.StatusCode is HttpStatusCode.UpgradeRequired;
        if (isDemand || !memory.Refusals.Knows(origin, options.TimeProvider, options.RefusalLifetime))
        {
            memory.Demands.Remember(origin, options.TimeProvider);
        }

        return isDemand
            ? await RepeatAsync(request, response, origin, isRedirected, async, cancellationToken).ConfigureAwait(false)
            : response;
    }

    /// <summary>
    /// Repeats a request over TLS that the server has answered by requiring TLS. Returns that answer if the request cannot be sent again, or
    /// the server does not upgrade after all.
    /// </summary>
    private async ValueTask<HttpResponseMessage> RepeatAsync(
        HttpRequestMessage request,
        HttpResponseMessage response,
        Origin origin,
        bool isRedirected,
        bool async,
        CancellationToken cancellationToken)
    {
        if (!RepeatableContent.CanRepeat(request))
        {
            return response;
        }

        Log.Repeats(logger, origin, (int)response.StatusCode);
        HttpResponseMessage? repeated;
        try
        {
            repeated = await TrySendUpgradedAsync(request, origin, hasOtherWay: isRedirected, async, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            response.Dispose();
            throw;
        }

        if (repeated is null)
        {
            return response;
        }

        response.Dispose();
        return repeated;
    }

    /// <summary>
    /// Sends over an upgraded connection. Returns <see langword="null"/> if the server does not upgrade although it advertised that, and on
    /// every failure to upgrade if the request has another way to TLS: the redirect that the server has answered with. The origin is
    /// forgotten in any case: anybody on the path may have written the advertisement.
    /// </summary>
    private async ValueTask<HttpResponseMessage?> TrySendUpgradedAsync(
        HttpRequestMessage request, Origin origin, bool hasOtherWay, bool async, CancellationToken cancellationToken)
    {
        try
        {
            return await handlers.SendUpgradedAsync(request, async, cancellationToken).ConfigureAwait(false);
        }
        catch (UpgradeException failure)
        {
            memory.Demands.Forget(origin);
            RememberRefusal(origin, failure);
            if (!hasOtherWay && !failure.LeavesClearText)
            {
                throw;
            }

            RequestScope.Leave();
            if (!hasOtherWay)
            {
                Log.GoesOnInClearText(logger, origin);
            }

            return null;
        }
    }

    /// <summary>Remembers what will not be different in a moment: a refusal that lasts, or TLS that fails.</summary>
    private void RememberRefusal(Origin origin, UpgradeException failure)
    {
        if (failure is UpgradeRefusedException refusal)
        {
            memory.Refusals.Remember(origin, options.TimeProvider, refusal.LifetimeWithin(options.RefusalLifetime));
        }
        else if (failure is { Error: HttpRequestError.SecureConnectionError, IsOfProxy: false })
        {
            memory.Refusals.Remember(origin, options.TimeProvider, options.RefusalLifetime);
        }
    }

    private bool IsRedirectedToTls(HttpRequestMessage request, HttpResponseMessage response) =>
        handlers.AllowAutoRedirect && Redirection.DemandsTls(request, response);

    /// <summary>
    /// Whether a plaintext response requires TLS (RFC 2817 section 4.2) or advertises it (section 4.1). A proxy strips Upgrade from a 426,
    /// so behind a proxy its absence means nothing (section 5.1).
    /// </summary>
    private bool AsksForTls(HttpResponseMessage response, Uri uri)
    {
        if (response.Headers.Upgrade.Count == 0)
        {
            return response.StatusCode is HttpStatusCode.UpgradeRequired && handlers.IsProxied(uri);
        }

        return response.Headers.Upgrade.Any(static product => UpgradeTokenText.Parse(product.ToString()) is not UpgradeToken.None)
            && (response.StatusCode is HttpStatusCode.UpgradeRequired
                || response.Headers.Connection.Any(static option => ConnectionOptions.HasUpgrade(option)));
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Debug, "{Origin} does not upgrade to TLS; the request is sent in clear text.", EventName = "GoesOnInClearText")]
        public static partial void GoesOnInClearText(ILogger logger, Origin origin);

        [LoggerMessage(12, LogLevel.Debug, "{Origin} answered {StatusCode} and so requires TLS; the request is repeated over TLS.", EventName = "Repeats")]
        public static partial void Repeats(ILogger logger, Origin origin, int statusCode);
    }
}
