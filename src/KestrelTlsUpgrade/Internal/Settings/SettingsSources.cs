using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// The configuration sections of an endpoint at one time: the host's section <c>TlsUpgrade</c>, overridden by the endpoint's own.
/// </summary>
internal sealed class SettingsSources
{
    private readonly IConfigurationSection[] _sections;

    /// <param name="host">The host's section.</param>
    /// <param name="own">The endpoint's section, if the endpoint is from the configuration.</param>
    /// <param name="kestrel">Kestrel's section.</param>
    /// <param name="isStale">Whether newer settings could not be read.</param>
    public SettingsSources(IConfigurationSection? host, IConfigurationSection? own = null, IConfiguration? kestrel = null, bool isStale = false)
    {
        IsStale = isStale;
        Own = own is not null && own.Exists() ? own : null;
        EndpointName = own is null ? SettingsSection.Name : ConfigurationPath.GetSectionKey(ConfigurationPath.GetParentPath(own.Path))!;
        _sections = [.. new[] { host, own }.OfType<IConfigurationSection>()];
        Kestrel = kestrel;
    }

    /// <summary>Whether newer settings could not be read, so that these are those before.</summary>
    public bool IsStale { get; }

    /// <summary>The endpoint's own section, if it exists.</summary>
    public IConfigurationSection? Own { get; }

    /// <summary>Whether the configuration names the endpoint explicitly.</summary>
    public bool IsExplicit => Own is not null && !string.Equals(Own[nameof(TlsUpgradeOptions.Enabled)], bool.FalseString, StringComparison.OrdinalIgnoreCase);

    /// <summary>The name of the endpoint in the configuration, for Kestrel's messages.</summary>
    public string EndpointName { get; }

    /// <summary>Kestrel's own section.</summary>
    public IConfiguration? Kestrel { get; }

    /// <summary>All sections that are read.</summary>
    public IEnumerable<IConfigurationSection> Sections => _sections;

    /// <summary>The section of the certificate for all names.</summary>
    public IConfigurationSection? Certificate =>
        FindCertificates()?.GetSection(CertificateSection.Key) is { } section && section.Exists() ? section : null;

    /// <summary>The certificates and settings for individual names.</summary>
    public IReadOnlyList<SniEntry> Sni =>
        FindCertificates() is { } section ? SniSection.Read(section.GetSection(SniSection.Key), []) : [];

    /// <summary>The paths of the keys that use Kestrel's HTTPS schema.</summary>
    public IEnumerable<string> HttpsSettings => _sections
        .SelectMany(static section => section.GetChildren())
        .Where(static setting => SettingsSection.HttpsKeys.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
        .Select(static setting => setting.Path);

    /// <summary>The certificate files, as the configuration names them.</summary>
    public IEnumerable<string> Files =>
        new[] { Certificate, Kestrel?.GetSection($"{CertificateSection.ServerKey}:{CertificateSection.DefaultKey}") }
            .Concat(Sni.Select(static entry => entry.Certificate))
            .OfType<IConfigurationSection>()
            .SelectMany(CertificateSection.GetFiles);

    /// <summary>
    /// Certificates belong together: a section with either kind overrides both, so that an endpoint with its own certificate does not
    /// present one of the host for some names.
    /// </summary>
    private IConfigurationSection? FindCertificates() => _sections.LastOrDefault(static section =>
        section.GetSection(CertificateSection.Key).Exists() || section.GetSection(SniSection.Key).Exists());
}
