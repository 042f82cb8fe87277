using System.Net;
using KestrelTlsUpgrade.Internal.Configuration;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>
/// A twin of the server's options, on which TLS branches are built. It knows the application's HTTPS defaults and default
/// certificate, as it is made by the same configuration callbacks, but nothing is ever bound on it.
/// </summary>
internal sealed class TlsBranchServer(IOptionsFactory<KestrelServerOptions> factory, IConfiguration? configuration = null)
{
    private readonly Lazy<KestrelServerOptions> _options = new(() =>
    {
        var options = factory.Create(Options.DefaultName);

        // The endpoint's own middleware follows the branch; endpoint defaults would put it there a second time.
        options.ConfigureEndpointDefaults(static _ => { });
        if (configuration is not null)
        {
            CertificateSection.MakeDefault(configuration.GetSection(ConfiguredDefaults.SectionName), options);
        }

        return options;
    });

    public KestrelServerOptions ServerOptions => _options.Value;

    /// <summary>
    /// Makes TLS settings as <c>UseHttps</c> does: the application's defaults, then <paramref name="configure"/>, then
    /// Kestrel's default certificate. Returns whether there is a certificate.
    /// </summary>
    public bool TryCreateHttps(Action<HttpsConnectionAdapterOptions> configure)
    {
        HttpsConnectionAdapterOptions? https = null;
        ListenOptions? listenOptions = null;
        ServerOptions.Listen(new IPEndPoint(IPAddress.Loopback, 0), options => listenOptions = options);
        try
        {
            listenOptions!.UseHttps(defaults =>
            {
                configure(defaults);
                https = defaults;
            });
            return true;
        }
        catch (InvalidOperationException) when (https is { ServerCertificate: null, ServerCertificateSelector: null })
        {
            return false;
        }
    }
}
