using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// Puts <see cref="UnlistedEndpointSections"/> behind whatever sources of configuration there are by the time that Kestrel reads
/// its own. The configuration of a <c>WebApplicationBuilder</c> takes one that late.
/// </summary>
internal sealed class EndpointSectionsUnlisting(IConfiguration? configuration = null) : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions options)
    {
        if (configuration is IConfigurationBuilder { Sources: not [.., UnlistedEndpointSections] } builder)
        {
            builder.Add(new UnlistedEndpointSections());
        }
    }
}
