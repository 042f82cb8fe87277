using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Connections.Sections;

/// <summary>
/// Finds sections of the configuration that are meant for a package but not read by it: their name is misspelt, or they are in a place
/// where it reads none. The operator relies on their settings.
/// </summary>
/// <param name="name">The name of the package's section, at the root.</param>
/// <param name="keys">The keys of its settings.</param>
/// <param name="isReadOfEndpoints">Whether an endpoint can have a section of its own.</param>
internal sealed class StraySections(string name, IReadOnlyCollection<string> keys, bool isReadOfEndpoints)
{
    private const string DefaultsKey = "EndpointDefaults";

    /// <summary>How many letters may differ. With more, the name may be another program's.</summary>
    private const int MaxDistance = 2;

    /// <summary>Returns an error for each such section.</summary>
    /// <param name="endpoint">An endpoint of the server.</param>
    public IEnumerable<string> Find(ListenOptions endpoint) => Find(
        endpoint.ApplicationServices.GetService<IConfiguration>(), endpoint.KestrelServerOptions.ConfigurationLoader?.Configuration);

    private IEnumerable<string> Find(IConfiguration? root, IConfiguration? kestrel)
    {
        // Every variable of the environment is a key here, so the name alone is not enough.
        foreach (var section in (root?.GetChildren() ?? []).Where(section => IsMisspelt(section) && HasSettings(section)))
        {
            yield return NotASection(section);
        }

        if (kestrel is IConfigurationSection server)
        {
            foreach (var section in server.GetChildren().Concat(server.GetSection(DefaultsKey).GetChildren()).Where(IsMeant))
            {
                yield return NotReadThere(section, server);
            }

            foreach (var section in server.GetSection(EndpointSections.EndpointsKey).GetChildren().SelectMany(static endpoint => endpoint.GetChildren()))
            {
                if (isReadOfEndpoints ? IsMisspelt(section) : IsMeant(section))
                {
                    yield return isReadOfEndpoints ? NotASection(section) : NotReadThere(section, server);
                }
            }
        }
    }

    private bool IsMeant(IConfigurationSection section) => NearestName.GetDistance(section.Key, name) <= MaxDistance;

    /// <summary>Case makes no difference in configuration.</summary>
    private bool IsMisspelt(IConfigurationSection section) => NearestName.GetDistance(section.Key, name) is > 0 and <= MaxDistance;

    /// <summary>Whether the section has a setting of the package, or nearly one, perhaps in a list.</summary>
    private bool HasSettings(IConfigurationSection section) => section.AsEnumerable(makePathsRelative: true)
        .SelectMany(static setting => setting.Key.Split(ConfigurationPath.KeyDelimiter))
        .Any(key => NearestName.Find(key, keys) is not null);

    private string NotASection(IConfigurationSection section) => $"{section.Path} is not a section. Did you mean {name}?";

    private string NotReadThere(IConfigurationSection section, IConfigurationSection kestrel) =>
        $"{section.Path} is not read there. Move it to {name}"
        + (isReadOfEndpoints ? $", or to {kestrel.Path}:{EndpointSections.EndpointsKey}:{{name}}:{name}." : ".");
}
