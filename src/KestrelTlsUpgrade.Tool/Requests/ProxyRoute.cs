using System.Net;
using System.Net.Security;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>
/// The way to a URL. TLS to an <c>https://</c> proxy is done here and not by SocketsHttpHandler, which has the same options for a proxy and
/// for the server behind it, and cannot tell them apart if they have the same name.
/// </summary>
internal sealed class ProxyRoute : IWebProxy
{
    private readonly Uri? _proxy;
    private readonly ICredentials? _credentials;

    /// <summary>Finds the way to a URL.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="proxy">The proxies.</param>
    public ProxyRoute(Uri url, IWebProxy proxy)
    {
        _proxy = proxy.IsBypassed(url) ? null : proxy.GetProxy(url);
        _credentials = proxy.Credentials;
        IsHttps = _proxy?.Scheme == Uri.UriSchemeHttps;
    }

    /// <summary>Whether every connection begins with TLS to a proxy.</summary>
    public bool IsHttps { get; }

    /// <summary>Credentials are looked up by the proxy's real address.</summary>
    ICredentials? IWebProxy.Credentials
    {
        get => _credentials is null ? null : new CredentialsOf(_credentials, _proxy!);
        set => throw new NotSupportedException();
    }

    Uri? IWebProxy.GetProxy(Uri destination) => IsHttps ? new UriBuilder("http", _proxy!.Host, _proxy.Port).Uri : _proxy;

    bool IWebProxy.IsBypassed(Uri host) => _proxy is null;

    /// <summary>Starts TLS to the proxy.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Its certificate was rejected, or TLS failed.</exception>
    public async ValueTask<Stream> StartTlsAsync(Stream stream, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        options.TargetHost = _proxy!.IdnHost;
        var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private sealed class CredentialsOf(ICredentials inner, Uri proxy) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType) => inner.GetCredential(proxy, authType);
    }
}
