using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>Requests https on the same port, once as clients with HTTP/2 do and once with HTTP/1.1 only.</summary>
internal sealed class DirectTlsStep(ProbeSession session)
{
    public async Task<IReadOnlyList<DirectTlsResult>> RunAsync(CancellationToken cancellationToken) =>
    [
        await TryAsync(HttpVersion.Version20, cancellationToken),
        await TryAsync(HttpVersion.Version11, cancellationToken),
    ];

    private Task<DirectTlsResult> TryAsync(Version version, CancellationToken cancellationToken)
    {
        var name = VersionText.Of(version);
        WireStream? wire = null;
        return session.WithinTimeAsync(
            async token =>
            {
                using var handler = CreateHandler(socket => wire = new WireStream(socket));
                using var client = new HttpMessageInvoker(handler);

                // A GET, because many resources answer HEAD with 405. The content is not read.
                using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{session.Target.Authority}{session.Target.Path}")
                {
                    Version = version,
                    VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
                };
                using var response = await client.SendAsync(request, token);
                return response.Version.Major != version.Major
                    ? new DirectTlsResult(name, Error: $"the server answers with {VersionText.Of(response.Version)}")
                    : new DirectTlsResult(
                        name, response.StatusCode is not HttpStatusCode.HttpVersionNotSupported, (int)response.StatusCode);
            },
            error => new DirectTlsResult(name, Error: wire is { BeganWithHttp: true } ? "the server answers in clear text" : error),
            cancellationToken);
    }

    private SocketsHttpHandler CreateHandler(Func<Socket, WireStream> connected) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,

            // Another step examines the certificate.
#pragma warning disable CA5359 // Nothing confidential is sent, and certificate errors are reported.
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        },
        ConnectCallback = async (_, token) =>
        {
            // Keep the http port, even where https has a different default.
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(session.Target.Host, session.Target.Port, token);
                return connected(socket);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
