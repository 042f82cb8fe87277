using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// Leaves the section <c>TlsUpgrade</c> out of the list of an endpoint's settings; by its path it is read as ever. Kestrel stops
/// and starts an endpoint when anything that is listed under it has changed, which ends the connections there, and these settings
/// are taken up without that.
/// </summary>
/// <remarks>A provider of configuration is given the keys of those before it, so this one has to come last.</remarks>
internal sealed class UnlistedEndpointSections : ConfigurationProvider, IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new UnlistedEndpointSections();

    public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) =>
        IsEndpoint(parentPath)
            ? earlierKeys.Where(static key => !key.Equals(SettingsSection.Name, StringComparison.OrdinalIgnoreCase))
            : earlierKeys;

    /// <summary>Whether it is the path of an endpoint, whatever Kestrel's section is called.</summary>
    private static bool IsEndpoint(string? path) =>
        path?.Split(ConfigurationPath.KeyDelimiter) is [.., var parent, _]
        && parent.Equals(EndpointSection.EndpointsKey, StringComparison.OrdinalIgnoreCase);
}
