using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>
/// Has Kestrel load its configuration before the server starts, so that what it says of the endpoints is true, and a default certificate
/// that it cannot load is reported with its setting.
/// </summary>
/// <remarks>
/// A startup filter runs right before the server starts. Hosted services of the application have started by then, and may have supplied
/// the certificate. Where the host captures errors of the start, a configuration that was not loaded would go unnoticed, so that is left
/// to Kestrel.
/// </remarks>
internal sealed class EndpointPreparation(
    IServer server, IOptions<KestrelServerOptions> options, CertificateLoader certificates, IConfiguration? configuration = null)
    : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        Prepare();
        next(app);
    };

    private void Prepare()
    {
        if (!server.IsKestrel() || AreErrorsCaptured(configuration?[WebHostDefaults.CaptureStartupErrorsKey]))
        {
            return;
        }

        Load(options.Value.ConfigurationLoader);
        foreach (var endpoint in TlsUpgradeEndpoint.FindAll(options.Value))
        {
            ExplicitProtocols.Forget(endpoint);
        }
    }

    /// <summary>As the host reads the setting.</summary>
    private static bool AreErrorsCaptured(string? setting) => setting is "1" || string.Equals(setting, "true", StringComparison.OrdinalIgnoreCase);

    private void Load(KestrelConfigurationLoader? loader)
    {
        try
        {
            loader?.Load();
        }
        catch (Exception)
        {
            // Throws if the default certificate is the reason.
            certificates.LoadDefault(loader!.Configuration, origin: "");
            throw;
        }
    }
}
