using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Settings;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>Fails start-up if the configuration has settings for an endpoint that is not upgraded. The operator relies on them.</summary>
internal sealed class EndpointSectionCheck(IServer server, IOptions<KestrelServerOptions> options, TlsUpgradeEndpoints endpoints)
    : LifecycleService
{
    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(EndpointSections.WithoutScheme).ToHashSet() ?? [];
        foreach (var endpoint in EndpointSections.GetAll(options.Value))
        {
            var section = endpoint.GetSection(SettingsSection.Name);
            if (section.Exists()
                && !endpoints.HasExamined(section)
                && bound.Contains(EndpointSections.GetAddress(endpoint, options.Value.ApplicationServices) ?? ""))
            {
                throw new InvalidOperationException(
                    $"{section.Path} has settings, but the endpoint is not upgraded. Call builder.WebHost.UseTlsUpgrade(), "
                    + "or listenOptions.UseTlsUpgrade() if the endpoint is configured in code.");
            }
        }

        return Task.CompletedTask;
    }
}
