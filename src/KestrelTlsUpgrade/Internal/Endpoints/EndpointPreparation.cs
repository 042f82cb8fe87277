using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>
/// Has Kestrel load its configuration before the server starts, so that what it says of the endpoints is true, and a default certificate
/// that it cannot load is reported with its setting.
/// </summary>
internal sealed class EndpointPreparation(IServer server, IOptions<KestrelServerOptions> options, CertificateLoader certificates)
    : LifecycleService
{
    public override Task StartingAsync(CancellationToken cancellationToken)
    {
        if (server.IsKestrel())
        {
            Load(options.Value.ConfigurationLoader);
            foreach (var endpoint in TlsUpgradeEndpoint.FindAll(options.Value))
            {
                ExplicitProtocols.Forget(endpoint);
            }
        }

        return Task.CompletedTask;
    }

    private void Load(KestrelConfigurationLoader? configuration)
    {
        try
        {
            configuration?.Load();
        }
        catch (Exception)
        {
            // Throws if the default certificate is the reason.
            certificates.LoadDefault(configuration!.Configuration, origin: "");
            throw;
        }
    }
}
