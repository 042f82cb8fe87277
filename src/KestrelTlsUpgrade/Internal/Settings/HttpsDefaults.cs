using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>The application's HTTPS defaults.</summary>
internal static class HttpsDefaults
{
    /// <summary>
    /// Reads the defaults as Kestrel applies them to this endpoint: <c>EndpointDefaults</c> in its configuration, then
    /// <c>ConfigureHttpsDefaults</c>. The exception prevents <c>UseHttps</c> from adding TLS, so the endpoint does not change.
    /// </summary>
    public static HttpsConnectionAdapterOptions Read(ListenOptions endpoint)
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

        return defaults!;
    }

    private sealed class ReadException : Exception;
}
