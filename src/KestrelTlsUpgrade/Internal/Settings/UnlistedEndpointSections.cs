using KestrelTlsUpgrade.Connections.Sections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// Hides the section <c>TlsUpgrade</c> from the enumeration of an endpoint's settings; it can still be read by its path. Kestrel restarts
/// an endpoint, and so closes its connections, when any enumerated setting changes. Our settings are applied without a restart.
/// </summary>
/// <remarks>A configuration provider gets the keys of the providers before it, so this one must be last.</remarks>
internal sealed class UnlistedEndpointSections : ConfigurationProvider, IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new UnlistedEndpointSections();

    public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) =>
        IsEndpoint(parentPath)
            ? earlierKeys.Where(static key => !key.Equals(SettingsSection.Name, StringComparison.OrdinalIgnoreCase))
            : earlierKeys;

    /// <summary>Whether the path is that of an endpoint, whatever Kestrel's section is called.</summary>
    private static bool IsEndpoint(string? path) =>
        path?.Split(ConfigurationPath.KeyDelimiter) is [.., var parent, _]
        && parent.Equals(EndpointSections.EndpointsKey, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Appends <see cref="UnlistedEndpointSections"/> to the configuration sources when Kestrel reads its configuration. The configuration of a
    /// <c>WebApplicationBuilder</c> still accepts a source at that time.
    /// </summary>
    public sealed class Appending(IConfiguration? configuration = null) : IConfigureOptions<KestrelServerOptions>
    {
        public void Configure(KestrelServerOptions options)
        {
            if (configuration is IConfigurationBuilder { Sources: not [.., UnlistedEndpointSections] } builder)
            {
                builder.Add(new UnlistedEndpointSections());
            }
        }
    }
}
