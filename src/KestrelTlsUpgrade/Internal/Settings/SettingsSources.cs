using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// Where the configuration has the settings of an endpoint: the host's section <c>TlsUpgrade</c>, and its own, which goes over it.
/// </summary>
internal sealed class SettingsSources
{
    private readonly IConfigurationSection[] _sections;

    private SettingsSources(IConfigurationSection? host, IConfigurationSection? own, IConfiguration? kestrel)
    {
        Own = own is not null && own.Exists() ? own : null;
        EndpointName = own is null ? SettingsSection.Name : ConfigurationPath.GetSectionKey(ConfigurationPath.GetParentPath(own.Path))!;
        _sections = [.. new[] { host, own }.OfType<IConfigurationSection>()];
        Kestrel = kestrel;
    }

    /// <summary>The endpoint's own section, if it has anything to say.</summary>
    public IConfigurationSection? Own { get; }

    /// <summary>Whether the endpoint is meant in person.</summary>
    public bool IsMeant => Own is not null && !string.Equals(Own[nameof(TlsUpgradeOptions.Enabled)], bool.FalseString, StringComparison.OrdinalIgnoreCase);

    /// <summary>What the endpoint is called in the configuration. Kestrel names it in its messages.</summary>
    public string EndpointName { get; }

    /// <summary>Kestrel's own section.</summary>
    public IConfiguration? Kestrel { get; }

    /// <summary>Everything that is read.</summary>
    public IEnumerable<IConfigurationSection> Sections => _sections;

    /// <summary>The certificate for all names.</summary>
    public IConfigurationSection? Certificate =>
        FindCertificates()?.GetSection(CertificateSection.Key) is { } section && section.Exists() ? section : null;

    /// <summary>Certificates and settings for some names.</summary>
    public IReadOnlyList<SniEntry> Sni =>
        FindCertificates() is { } section ? SniSection.Read(section.GetSection(SniSection.Key), []) : [];

    /// <summary>The paths of what is Kestrel's schema of https.</summary>
    public IEnumerable<string> HttpsSettings => _sections
        .SelectMany(static section => section.GetChildren())
        .Where(static setting => SettingsSection.HttpsKeys.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
        .Select(static setting => setting.Path);

    /// <summary>The files that certificates are loaded from, as the configuration names them.</summary>
    public IEnumerable<string> Files =>
        new[] { Certificate, Kestrel?.GetSection("Certificates:Default") }
            .Concat(Sni.Select(static entry => entry.Certificate))
            .OfType<IConfigurationSection>()
            .SelectMany(CertificateSection.GetFiles);

    public static SettingsSources Of(ListenOptions endpoint, IConfiguration? configuration) => new(
        configuration?.GetSection(SettingsSection.Name),
        EndpointSection.Find(endpoint),
        endpoint.KestrelServerOptions.ConfigurationLoader?.Configuration);

    /// <exception cref="OptionsValidationException">Something in the sections cannot be taken. All of that is named.</exception>
    public void Read(TlsUpgradeOptions options)
    {
        var errors = new List<string>();
        foreach (var section in _sections)
        {
            SettingsSection.Read(section, options, errors);
        }

        if (errors.Count > 0)
        {
            throw new OptionsValidationException(EndpointName, typeof(TlsUpgradeOptions), errors);
        }
    }

    /// <summary>
    /// Certificates belong together: a section that has either kind stands for both, so that an endpoint with a certificate of
    /// its own does not show one of the host's for some names.
    /// </summary>
    private IConfigurationSection? FindCertificates() => _sections.LastOrDefault(static section =>
        section.GetSection(CertificateSection.Key).Exists() || section.GetSection(SniSection.Key).Exists());
}
