using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Client.Internal.Dialing;
using KestrelTlsUpgrade.Client.Internal.Factory;
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
            other.ConnectCallback = (context, cancellationToken) => TryTakeParked(context) is { } stream
                ? new(stream)
                : _otherDialer.ConnectAsync(context, cancellationToken);
        }

        var connector = new UpgradingConnector(options, new Dialer(upgraded), _parked, _metrics, logger);
        upgraded.AllowAutoRedirect = false;
        upgraded.Credentials = FirstHopCredentials.Of(upgraded.Credentials);
        upgraded.CookieContainer = other.CookieContainer;
        upgraded.UseProxy = false;
        upgraded.ConnectCallback = connector.ConnectAsync;

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
        try
        {
            return Solicited(request, await SendAsync(_upgraded, request, async, cancellationToken));
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
    }

    /// <summary>Sends the request in clear text without offering an upgrade.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpResponseMessage> SendInClearTextAsync(HttpRequestMessage request, bool async, CancellationToken cancellationToken)
    {
        RequestScope.Leave();
        return Solicited(request, await SendAsync(_other, request, async, cancellationToken));
    }

    /// <summary>Sends the request unchanged, with no upgrade involved: https and any other scheme that the platform supports.</summary>
    public ValueTask<HttpResponseMessage> SendAsync(HttpRequestMessage request, bool async, CancellationToken cancellationToken) =>
        SendAsync(_other, request, async, cancellationToken);

    public void Dispose()
    {
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<HttpResponseMessage> SendAsync(
        HttpMessageInvoker invoker, HttpRequestMessage request, bool async, CancellationToken cancellationToken) =>
        async ? await invoker.SendAsync(request, cancellationToken) : invoker.Send(request, cancellationToken);
}
