using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>An endpoint whose certificates are requested over the loopback interface, once for each name.</summary>
internal sealed class ProbedEndpoint(string address, IEnumerable<string> names, CancellationToken cancellationToken) : IHttpsEndpoint, IDisposable
{
    private readonly Dictionary<string, X509Certificate2?> _shown = new(StringComparer.OrdinalIgnoreCase);
    private bool _isOnTcp = true;

    public string Address => address;

    public IEnumerable<string> Names => names;

    public async ValueTask<X509Certificate2?> GetCertificateAsync(string? host)
    {
        if (!_shown.TryGetValue(host ?? "", out var certificate))
        {
            _shown[host ?? ""] = certificate = await ProbeAsync(host, SslApplicationProtocol.Http11);
        }

        return certificate;
    }

    /// <summary>
    /// HTTP/2 and HTTP/3 are not at risk: if the endpoint presents certificates only to HTTP/2, it has none for HTTP/1.1.
    /// </summary>
    public async ValueTask<bool> MayHaveOthersAsync(IEnumerable<string> hosts)
    {
        foreach (var host in hosts.Prepend(null))
        {
            using var certificate = await ProbeAsync(host, SslApplicationProtocol.Http2);
            if (certificate is not null)
            {
                return false;
            }
        }

        return _isOnTcp;
    }

    public void Dispose()
    {
        foreach (var certificate in _shown.Values)
        {
            certificate?.Dispose();
        }
    }

    private async Task<X509Certificate2?> ProbeAsync(string? host, SslApplicationProtocol protocol)
    {
        try
        {
            return _isOnTcp ? await HttpsProbe.GetCertificateAsync(address, protocol, host, cancellationToken) : null;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused)
        {
            // The endpoint serves only HTTP/3.
            _isOnTcp = false;
            return null;
        }
    }
}
