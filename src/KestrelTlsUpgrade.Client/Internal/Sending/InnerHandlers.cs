using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Client.Internal.Dialing;
using KestrelTlsUpgrade.Client.Internal.Factory;
using KestrelTlsUpgrade.Client.Internal.Switching;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>
/// The platform handlers that connect, pool and send: one for upgraded connections and one for everything else. Their pools never mix.
/// </summary>
internal sealed class InnerHandlers : IDisposable
{
    private readonly HttpMessageInvoker _upgraded;
    private readonly HttpMessageInvoker _other;
    private readonly Dialer _otherDialer;
    private readonly ParkedConnections _parked;
    private readonly UpgradeMetrics _metrics;
    private readonly OpenConnections _open = new();

    /// <summary><see langword="null"/> in Required, where a refusal is the failure of the request.</summary>
    private readonly UpgradeProbe? _probe;

    public InnerHandlers(TlsUpgradeClientOptions options, ILogger logger, IMeterFactory? meters, SocketsHttpHandler? configured)
    {
        var other = Create(options, meters, configured);
        var upgraded = Create(options, meters, configured);
        AllowAutoRedirect = other.AllowAutoRedirect;
        MaxAutomaticRedirections = other.MaxAutomaticRedirections;
        _parked = new ParkedConnections(options.TimeProvider);
        _metrics = new UpgradeMetrics(upgraded.MeterFactory);

        _otherDialer = new Dialer(other);
        other.AllowAutoRedirect = false;
        other.Credentials = FirstHopCredentials.Of(other.Credentials);
        if (options.Mode is not TlsUpgradeMode.Required)
        {
            PeerStream.Connect(other, (context, cancellationToken) => TryTakeParked(context) is { } stream
                ? new(stream)
                : _otherDialer.ConnectAsync(context, cancellationToken));
        }

        var connector = new UpgradingConnector(options, new Dialer(upgraded), _parked, _open, _metrics, logger);
        upgraded.AllowAutoRedirect = false;
        upgraded.Credentials = FirstHopCredentials.Of(upgraded.Credentials);
        upgraded.CookieContainer = other.CookieContainer;
        upgraded.UseProxy = false;
        if (options.Mode is TlsUpgradeMode.Required)
        {
            PeerStream.Connect(upgraded, connector.ConnectAsync);
        }
        else
        {
            var probe = _probe = new UpgradeProbe(upgraded, options.TimeProvider, connector.ConnectAsync);
            PeerStream.Connect(upgraded, (context, cancellationToken) =>
                probe.TryTake(context, out var stream) ? new(stream) : connector.ConnectAsync(context, cancellationToken));
        }

        _other = new HttpMessageInvoker(other);
        _upgraded = new HttpMessageInvoker(upgraded);
    }

    public bool AllowAutoRedirect { get; }

    public int MaxAutomaticRedirections { get; }

    /// <summary>Whether a plaintext request would go through a proxy.</summary>
    public bool IsProxied(Uri uri) => _otherDialer.FindProxy(uri) is not null;

    /// <summary>Sends the request over an upgraded connection, or fails.</summary>
    /// <exception cref="UpgradeException">No connection could be upgraded; nothing has been sent.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpResponseMessage> SendUpgradedAsync(HttpRequestMessage request, bool async, CancellationToken cancellationToken)
    {
        var hasFailed = false;
        try
        {
            if (_probe is not null && Origin.Of(request.RequestUri!) is var origin && !_open.Any(origin))
            {
                hasFailed = !await TryProbeAsync(_probe, request, origin, async, cancellationToken).ConfigureAwait(false);
            }

            return Solicited(request, await SendAsync(_upgraded, request, async, cancellationToken).ConfigureAwait(false));
        }
        catch (HttpRequestException exception) when (exception.InnerException is UpgradeException failure)
        {
            throw failure;
        }
        catch (OperationCanceledException exception) when (
            !cancellationToken.IsCancellationRequested && exception.InnerException is TimeoutException { InnerException: UpgradeException failure })
        {
            throw new ConnectTimeoutException(exception) { IsUnanswered = failure.IsUnanswered };
        }
        finally
        {
            if (hasFailed)
            {
                // Another connection may have answered the request.
                _probe!.Forgive(request);
            }
        }
    }

    /// <summary>
    /// Upgrades the first connection. If that fails for good, the request that has begun it fails with it, once it is sent. The others that
    /// waited get connections of their own.
    /// </summary>
    /// <returns>Whether the request can be sent.</returns>
    private static async ValueTask<bool> TryProbeAsync(
        UpgradeProbe probe, HttpRequestMessage request, Origin origin, bool async, CancellationToken cancellationToken)
    {
        var probing = probe.RunAsync(request, origin, out var isOwn).WaitAsync(cancellationToken);
        try
        {
            if (async)
            {
                await probing.ConfigureAwait(false);
            }
            else
            {
                probing.GetAwaiter().GetResult();
            }

            return true;
        }
        catch (Exception exception) when (!isOwn && !cancellationToken.IsCancellationRequested && !LeavesClearText(exception))
        {
            return true;
        }
        catch (HttpRequestException exception) when (exception.InnerException is not UpgradeException { LeavesClearText: true })
        {
            probe.Fail(request, exception.InnerException ?? exception);
            return false;
        }
    }

    private static bool LeavesClearText(Exception exception) => exception
        is HttpRequestException { InnerException: UpgradeException { LeavesClearText: true } }
        or OperationCanceledException { InnerException: TimeoutException { InnerException: UpgradeException { LeavesClearText: true } } };

    /// <summary>Sends the request in clear text without offering an upgrade.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpResponseMessage> SendInClearTextAsync(HttpRequestMessage request, bool async, CancellationToken cancellationToken)
    {
        RequestScope.Leave();
        return Solicited(request, await SendAsync(_other, request, async, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Sends the request unchanged, with no upgrade involved: https and any other scheme that the platform supports.</summary>
    public ValueTask<HttpResponseMessage> SendAsync(HttpRequestMessage request, bool async, CancellationToken cancellationToken) =>
        SendAsync(_other, request, async, cancellationToken);

    public void Dispose()
    {
        _probe?.Dispose();
        _upgraded.Dispose();
        _other.Dispose();
        _parked.Dispose();
        _metrics.Dispose();
    }

    private static SocketsHttpHandler Create(TlsUpgradeClientOptions options, IMeterFactory? meters, SocketsHttpHandler? configured)
    {
        var handler = new SocketsHttpHandler();
        configured?.CopyTo(handler);
        handler.MeterFactory ??= meters;
        options.ConfigureHandler?.Invoke(handler);
        handler.ActivityHeadersPropagator = handler.ActivityHeadersPropagator is { } propagator ? new HopPropagator(propagator) : null;
        return handler;
    }

    /// <summary>A switch to a protocol that was not requested is not a valid response (RFC 9110 section 7.8).</summary>
    private static HttpResponseMessage Solicited(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (response.StatusCode is HttpStatusCode.SwitchingProtocols && !request.Headers.Contains("Upgrade"))
        {
            response.Dispose();
            throw new HttpRequestException(
                HttpRequestError.InvalidResponse,
                $"{Origin.Of(request.RequestUri!)} switched protocols without having been asked to (RFC 9110 section 7.8).");
        }

        return response;
    }

    /// <summary>
    /// Returns a parked connection if the pool needs one for the same origin. Not for requests with content or that must not be sent twice:
    /// if the server closes the connection at this moment, the pool cannot retry such a request.
    /// </summary>
    private Stream? TryTakeParked(SocketsHttpConnectionContext context)
    {
        var request = context.InitialRequestMessage;
        var origin = Origin.Of(context.DnsEndPoint);
        return PlaintextRequest.IsPlaintext(request.RequestUri)
            && !PlaintextRequest.InsistsOnHttp2(request)
            && request.Content is null
            && UpgradableMethods.Contains(request.Method.Method)
            && Origin.Of(request.RequestUri!) == origin
            ? _parked.TryTake(origin)
            : null;
    }

    private static ValueTask<HttpResponseMessage> SendAsync(
        HttpMessageInvoker invoker, HttpRequestMessage request, bool async, CancellationToken cancellationToken) =>
        async ? new(invoker.SendAsync(request, cancellationToken)) : new(invoker.Send(request, cancellationToken));
}
