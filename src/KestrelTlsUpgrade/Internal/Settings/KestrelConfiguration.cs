using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>The configuration as Kestrel sees it: <see cref="UnlistedEndpointSections"/> are not enumerated, but can be read by their path.</summary>
/// <param name="whole">The whole configuration, or a section of it.</param>
internal class KestrelConfiguration(IConfiguration whole) : IConfiguration
{
    public IConfiguration Whole => whole;

    public string? this[string key]
    {
        get => whole[key];
        set => whole[key] = value;
    }

    public IChangeToken GetReloadToken() => whole.GetReloadToken();

    public IConfigurationSection GetSection(string key) => new Section(whole.GetSection(key));

    public IEnumerable<IConfigurationSection> GetChildren()
    {
        var path = (whole as IConfigurationSection)?.Path;
        return whole.GetChildren()
            .Where(child => !UnlistedEndpointSections.Include(path, child.Key))
            .Select(static child => new Section(child));
    }

    private sealed class Section(IConfigurationSection whole) : KestrelConfiguration(whole), IConfigurationSection
    {
        public string Key => Own.Key;

        public string Path => Own.Path;

        public string? Value
        {
            get => Own.Value;
            set => Own.Value = value;
        }

        private IConfigurationSection Own => (IConfigurationSection)Whole;
    }
}
