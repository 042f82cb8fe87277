using System.Security.Authentication;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>The application's HTTPS defaults.</summary>
internal sealed class HttpsDefaults
{
    private (SslProtocols Protocols, ClientCertificateMode Mode)? _configured;

    /// <summary>
    /// Reads the defaults as Kestrel applies them to this endpoint: <c>EndpointDefaults</c> in its configuration, then
    /// <c>ConfigureHttpsDefaults</c>. The exception prevents <c>UseHttps</c> from adding TLS, so the endpoint does not change.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="isStale">
    /// Whether the configuration cannot be read. Kestrel may have lost its <c>EndpointDefaults</c> then; what they can set is taken from the
    /// last time when it could be read.
    /// </param>
    public HttpsConnectionAdapterOptions Read(ListenOptions endpoint, bool isStale)
    {
        HttpsConnectionAdapterOptions? defaults = null;
        try
        {
            endpoint.UseHttps(https =>
            {
                defaults = https;
                throw new ReadException();
            });
        }
        catch (ReadException)
        {
        }

        if (!isStale)
        {
            _configured = (defaults!.SslProtocols, defaults.ClientCertificateMode);
        }
        else if (_configured is var (protocols, mode))
        {
            (defaults!.SslProtocols, defaults.ClientCertificateMode) = (protocols, mode);
        }

        return defaults!;
    }

    private sealed class ReadException : Exception;
}
