using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Client.Internal.Dialing;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>
/// The platform's handlers that connect, pool and send: one whose connections are upgraded, and one for everything else. Their pools
/// can never mix.
/// </summary>
internal sealed class InnerHandlers : IDisposable
{
    private readonly HttpMessageInvoker _upgraded;
    private readonly HttpMessageInvoker _other;
    private readonly Dialer _otherDialer;
    private readonly ParkedConnections _parked;
    private readonly UpgradeMetrics _metrics;

    public InnerHandlers(TlsUpgradeClientOptions options, ILogger logger, IMeterFactory? meters)
    {
        var other = Create(options, meters);
        var upgraded = Create(options, meters);
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

    /// <summary>Whether a request in clear text would go through a proxy.</summary>
    public bool IsProxied(Uri uri) => _otherDialer.FindProxy(uri) is not null;

    /// <summary>Sends over an upgraded connection or not at all.</summary>
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
    }

    /// <summary>Sends in clear text, without offering anything.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpResponseMessage> SendInClearTextAsync(HttpRequestMessage request, bool async, CancellationToken cancellationToken)
    {
        RequestScope.Leave();
        return Solicited(request, await SendAsync(_other, request, async, cancellationToken));
    }

    /// <summary>Sends as the request says, with no thought of an upgrade: https, and whatever else the platform knows.</summary>
    public ValueTask<HttpResponseMessage> SendAsync(HttpRequestMessage request, bool async, CancellationToken cancellationToken) =>
        SendAsync(_other, request, async, cancellationToken);

    public void Dispose()
    {
        _upgraded.Dispose();
        _other.Dispose();
        _parked.Dispose();
        _metrics.Dispose();
    }

    private static SocketsHttpHandler Create(TlsUpgradeClientOptions options, IMeterFactory? meters)
    {
        var handler = new SocketsHttpHandler { MeterFactory = meters };
        options.ConfigureHandler?.Invoke(handler);
        return handler;
    }

    /// <summary>A protocol switch that nobody asked for is no response (RFC 9110 section 7.8).</summary>
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
    /// A connection that was refused an upgrade, if the pool wants one for the same purpose. Not for content, nor for what must not
    /// be sent twice: should the server close the connection in this moment, the pool cannot try such a request again.
    /// </summary>
    private Stream? TryTakeParked(SocketsHttpConnectionContext context)
    {
        var request = context.InitialRequestMessage;
        var origin = Origin.Of(context.DnsEndPoint);
        return PlaintextRequest.IsPlaintext(request.RequestUri)
            && !PlaintextRequest.InsistsOnHttp2(request)
            && request is { Content: null, Method.Method: "GET" or "HEAD" or "OPTIONS" }
            && Origin.Of(request.RequestUri!) == origin
            ? _parked.TryTake(origin)
            : null;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<HttpResponseMessage> SendAsync(
        HttpMessageInvoker invoker, HttpRequestMessage request, bool async, CancellationToken cancellationToken) =>
        async ? await invoker.SendAsync(request, cancellationToken) : invoker.Send(request, cancellationToken);
}
