using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Client.Internal.Factory;

/// <summary>Reads the settings of a handler that the application has configured.</summary>
internal static class SocketsHttpHandlerExtensions
{
    /// <summary>
    /// Copies all settings to a handler that has not sent anything yet. The source may be in use. The TLS settings are copied and not shared,
    /// because ConfigureHandler may change them.
    /// </summary>
    public static void CopyTo(this SocketsHttpHandler source, SocketsHttpHandler target)
    {
        target.ActivityHeadersPropagator = source.ActivityHeadersPropagator;
        target.AllowAutoRedirect = source.AllowAutoRedirect;
        target.AutomaticDecompression = source.AutomaticDecompression;
        target.ConnectCallback = source.ConnectCallback;
        target.ConnectTimeout = source.ConnectTimeout;
        target.CookieContainer = source.CookieContainer;
        target.Credentials = source.Credentials;
        target.DefaultProxyCredentials = source.DefaultProxyCredentials;
        target.EnableMultipleHttp2Connections = source.EnableMultipleHttp2Connections;
        target.EnableMultipleHttp3Connections = source.EnableMultipleHttp3Connections;
        target.Expect100ContinueTimeout = source.Expect100ContinueTimeout;
        target.InitialHttp2StreamWindowSize = source.InitialHttp2StreamWindowSize;
        target.KeepAlivePingDelay = source.KeepAlivePingDelay;
        target.KeepAlivePingPolicy = source.KeepAlivePingPolicy;
        target.KeepAlivePingTimeout = source.KeepAlivePingTimeout;
        target.MaxAutomaticRedirections = source.MaxAutomaticRedirections;
        target.MaxConnectionsPerServer = source.MaxConnectionsPerServer;
        target.MaxResponseDrainSize = source.MaxResponseDrainSize;
        target.MaxResponseHeadersLength = source.MaxResponseHeadersLength;
        target.MeterFactory = source.MeterFactory;
        target.PlaintextStreamFilter = source.PlaintextStreamFilter;
        target.PooledConnectionIdleTimeout = source.PooledConnectionIdleTimeout;
        target.PooledConnectionLifetime = source.PooledConnectionLifetime;
        target.PreAuthenticate = source.PreAuthenticate;
        target.Proxy = source.Proxy;
        target.RequestHeaderEncodingSelector = source.RequestHeaderEncodingSelector;
        target.ResponseDrainTimeout = source.ResponseDrainTimeout;
        target.ResponseHeaderEncodingSelector = source.ResponseHeaderEncodingSelector;
        target.SslOptions = source.SslOptions.Copy();
        target.UseCookies = source.UseCookies;
        target.UseProxy = source.UseProxy;
        foreach (var (key, value) in source.Properties)
        {
            target.Properties[key] = value;
        }
    }

    /// <summary>
    /// The settings of an HttpClientHandler, which libraries such as Refit bring by default; <see langword="null"/> if there are any that
    /// have no counterpart. Those for TLS are for <c>https://</c> only.
    /// </summary>
    public static SocketsHttpHandler? ToSocketsHttpHandler(this HttpClientHandler source)
    {
        if (source.ServerCertificateCustomValidationCallback is not null || source.ClientCertificateOptions is not ClientCertificateOption.Manual)
        {
            return null;
        }

        var target = new SocketsHttpHandler
        {
            AllowAutoRedirect = source.AllowAutoRedirect,
            AutomaticDecompression = source.AutomaticDecompression,
            CookieContainer = source.CookieContainer,
            Credentials = source.Credentials,
            DefaultProxyCredentials = source.DefaultProxyCredentials,
            MaxAutomaticRedirections = source.MaxAutomaticRedirections,
            MaxConnectionsPerServer = source.MaxConnectionsPerServer,
            MaxResponseHeadersLength = source.MaxResponseHeadersLength,
            MeterFactory = source.MeterFactory,
            PreAuthenticate = source.PreAuthenticate,
            Proxy = source.Proxy,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateRevocationCheckMode = source.CheckCertificateRevocationList ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
                ClientCertificates = source.ClientCertificates,
                EnabledSslProtocols = source.SslProtocols,
            },
            UseCookies = source.UseCookies,
            UseProxy = source.UseProxy,
        };
        foreach (var (key, value) in source.Properties)
        {
            target.Properties[key] = value;
        }

        return target;
    }
}
