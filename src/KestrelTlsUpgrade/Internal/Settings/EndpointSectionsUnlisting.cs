using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// Appends <see cref="UnlistedEndpointSections"/> to the configuration sources when Kestrel reads its configuration. The configuration of a
/// <c>WebApplicationBuilder</c> still accepts a source at that time.
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
