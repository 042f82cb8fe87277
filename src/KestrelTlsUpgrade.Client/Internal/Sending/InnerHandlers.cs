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

    public InnerHandlers(TlsUpgradeClientOptions options, ILogger logger)
    {
        var other = Create(options);
        var upgraded = Create(options);
        AllowAutoRedirect = other.AllowAutoRedirect;
        MaxAutomaticRedirections = other.MaxAutomaticRedirections;
        _parked = new ParkedConnections(options.TimeProvider);
        _metrics = new UpgradeMetrics(upgraded.MeterFactory);

        _otherDialer = new Dialer(other);
        other.AllowAutoRedirect = false;
        other.Credentials = FirstHopCredentials.Of(other.Credentials);
        if (options.Mode is not TlsUpgradeMode.Required)
        {
            other.ConnectCallback = (context, cancellationToken) => _parked.TryTake(Origin.Of(context.DnsEndPoint)) is { } stream
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
    public async ValueTask<HttpResponseMessage> SendUpgradedAsync(HttpRequestMessage request, bool async, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(_upgraded, request, async, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.InnerException is UpgradeException failure)
        {
            throw failure;
        }
    }

    /// <summary>Sends as the URI says: in clear text, or over https.</summary>
    public ValueTask<HttpResponseMessage> SendAsync(HttpRequestMessage request, bool async, CancellationToken cancellationToken) =>
        SendAsync(_other, request, async, cancellationToken);

    public void Dispose()
    {
        _upgraded.Dispose();
        _other.Dispose();
        _parked.Dispose();
        _metrics.Dispose();
    }

    private static SocketsHttpHandler Create(TlsUpgradeClientOptions options)
    {
        var handler = new SocketsHttpHandler();
        options.ConfigureHandler?.Invoke(handler);
        return handler;
    }

    private static async ValueTask<HttpResponseMessage> SendAsync(
        HttpMessageInvoker invoker, HttpRequestMessage request, bool async, CancellationToken cancellationToken) =>
        async ? await invoker.SendAsync(request, cancellationToken) : invoker.Send(request, cancellationToken);
}
