using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>Asks an https endpoint of this server for its certificate, as a client that speaks HTTP/1.1 would.</summary>
internal static class HttpsProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Unix sockets and named pipes are out of reach of an attacker on the path.</summary>
    public static bool CanReach(string address) =>
        address.StartsWith("https://", StringComparison.Ordinal) && BindingAddress.Parse(address) is { IsUnixPipe: false, IsNamedPipe: false };

    /// <summary>The certificate, or <see langword="null"/> where HTTP/1.1 is not served.</summary>
    public static async Task<X509Certificate2?> GetCertificateAsync(string address, string? serverName, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        using var client = new TcpClient();
        await ConnectAsync(client, BindingAddress.Parse(address), timeout.Token);
        await using var tls = new SslStream(client.GetStream());
        X509Certificate2? shown = null;
        var options = new SslClientAuthenticationOptions
        {
            // An address is never sent as a server name.
            TargetHost = serverName ?? IPAddress.Loopback.ToString(),
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
#pragma warning disable CA5359 // It is the server's own certificate that is asked for, and nothing is sent.
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
            // Without an application protocol in common the server shows none; where it asks for a client's, it has shown its own.
        }

        return shown;
    }

    private static async Task ConnectAsync(TcpClient client, BindingAddress address, CancellationToken cancellationToken)
    {
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
