using KestrelTlsUpgrade.Connections.Sections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// Keeps Kestrel from enumerating an endpoint's section <c>TlsUpgrade</c>. Kestrel restarts an endpoint, and so closes its connections,
/// when any enumerated setting changes. Our settings are applied without a restart.
/// </summary>
internal static class UnlistedEndpointSections
{
    /// <summary>Whether it is such a section, whatever Kestrel's own is called.</summary>
    /// <param name="parent">The path of the section that it is in.</param>
    /// <param name="key">Its key.</param>
    public static bool Include(string? parent, string key) =>
        key.Equals(SettingsSection.Name, StringComparison.OrdinalIgnoreCase)
        && parent?.Split(ConfigurationPath.KeyDelimiter) is [.., var endpoints, _]
        && endpoints.Equals(EndpointSections.EndpointsKey, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Shows Kestrel's callbacks the configuration without these sections. Everybody else, such as the debug view, sees all of it.
    /// </summary>
    /// <remarks>The context is the one that the callbacks are given, so this must be the first of them.</remarks>
    public sealed class Showing(WebHostBuilderContext context) : IConfigureOptions<KestrelServerOptions>
    {
        public void Configure(KestrelServerOptions options)
        {
            if (context.Configuration is not KestrelConfiguration)
            {
                context.Configuration = new KestrelConfiguration(context.Configuration);
            }
        }

        public void Restore()
        {
            if (context.Configuration is KestrelConfiguration shown)
            {
                context.Configuration = shown.Whole;
            }
        }
    }

    /// <summary>
    /// Undoes <see cref="Showing"/> after the last callback. If Kestrel got its configuration elsewhere, the sections are hidden from
    /// everybody.
    /// </summary>
    public sealed class Restoring(IEnumerable<IConfigureOptions<KestrelServerOptions>> callbacks, IConfiguration? configuration = null)
        : IPostConfigureOptions<KestrelServerOptions>
    {
        public void PostConfigure(string? name, KestrelServerOptions options)
        {
            foreach (var showing in callbacks.OfType<Showing>())
            {
                showing.Restore();
            }

            if (options.ConfigurationLoader is { Configuration: not KestrelConfiguration }
                && configuration is IConfigurationBuilder { Sources: not [.., Hiding] } builder)
            {
                builder.Add(new Hiding());
            }
        }
    }

    /// <summary>A configuration provider gets the keys of the providers before it, so this one must be last.</summary>
    public sealed class Hiding : ConfigurationProvider, IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => new Hiding();

        public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) =>
            earlierKeys.Where(key => !Include(parentPath, key));
    }
}
