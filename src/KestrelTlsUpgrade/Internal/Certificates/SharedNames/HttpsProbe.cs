using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>Requests the certificate of an endpoint in this process, as a client of one HTTP version would.</summary>
internal static class HttpsProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Whether an attacker on the network can reach the endpoint. Unix sockets and named pipes are local.</summary>
    public static bool IsOnNetwork(string address) => BindingAddress.Parse(address) is { IsUnixPipe: false, IsNamedPipe: false };

    /// <summary>Returns the certificate, or <see langword="null"/> if the endpoint presents none for this HTTP version and name.</summary>
    /// <exception cref="SocketException">Nothing listens on TCP at the address.</exception>
    public static async Task<X509Certificate2?> GetCertificateAsync(
        string address, SslApplicationProtocol protocol, string? serverName, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        using var client = new TcpClient();
        await ConnectAsync(client, BindingAddress.Parse(address), timeout.Token);
        await using var tls = new SslStream(client.GetStream());
        X509Certificate2? shown = null;
        var options = new SslClientAuthenticationOptions
        {
            // An IP address is never sent as a server name.
            TargetHost = serverName ?? IPAddress.Loopback.ToString(),
            ApplicationProtocols = [protocol],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
#pragma warning disable CA5359 // The probe requests the server's own certificate and sends no data.
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                shown = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
                return true;
            },
#pragma warning restore CA5359
        };
        try
        {
            await tls.AuthenticateAsClientAsync(options, timeout.Token);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            // Without a common application protocol the server presents no certificate. If it requires a client certificate, it has already
            // presented its own.
        }

        return shown;
    }

    private static async Task ConnectAsync(TcpClient client, BindingAddress address, CancellationToken cancellationToken)
    {
        if (address.Host.StartsWith('<'))
        {
            throw new InvalidOperationException("The endpoint is a file handle, which has no address to connect to.");
        }

        var isWildcard = !IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any);
        if (isWildcard)
        {
            await client.ConnectAsync("localhost", address.Port, cancellationToken);
        }
        else
        {
            await client.ConnectAsync(ip!, address.Port, cancellationToken);
        }
    }
}
