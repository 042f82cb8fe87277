using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Hosting;

/// <summary>
/// Loads the settings of an endpoint from the host's section of the configuration, the endpoint's own section, the host's code and the
/// endpoint's code, in this order.
/// </summary>
internal static class ProxyProtocolOptionsLoader
{
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="own">Its own section, if it is from the configuration.</param>
    /// <param name="services">The application's services.</param>
    /// <param name="configureEndpoint">Its code.</param>
    /// <exception cref="OptionsValidationException">A setting is unknown or cannot be read. The message names all of them.</exception>
    public static ProxyProtocolOptions Load(
        ListenOptions endpoint,
        IConfigurationSection? own,
        IServiceProvider services,
        IReadOnlyCollection<Action<ProxyProtocolOptions>> configureEndpoint)
    {
        var options = new ProxyProtocolOptions();
        var errors = new List<string>(ProxyProtocolSection.Stray.Find(endpoint));
        var host = services.GetService<IConfiguration>() is { } configuration
            ? RetainedConfiguration.Of(configuration).Read(ProxyProtocolSection.Name).GetSection(ProxyProtocolSection.Name)
            : null;
        foreach (var section in new[] { host, own }.OfType<IConfigurationSection>())
        {
            ProxyProtocolSection.Read(section, options, errors);
        }

        errors.AddRange(CodeLayers<ProxyProtocolOptions>.Of(services).Apply(options, endpoint, configureEndpoint));
        return errors.Count == 0
            ? options
            : throw new OptionsValidationException(ProxyProtocolSection.Name, typeof(ProxyProtocolOptions), errors);
    }
}
