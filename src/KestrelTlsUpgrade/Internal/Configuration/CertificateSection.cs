using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Configuration;

/// <summary>
/// The certificate of the configuration, in Kestrel's schema and loaded by Kestrel's own loader: in the place of its default
/// certificate, which is all that a branch of TLS knows of.
/// </summary>
internal static class CertificateSection
{
    public const string Key = "Certificate";

    private const string DefaultCertificate = "Certificates:Default";

    private static readonly string[] Keys = ["Path", "KeyPath", "Password", "Subject", "Store", "Location", "AllowInvalid"];

    /// <summary>Makes way for it: a certificate of the application's HTTPS defaults is further out.</summary>
    public static void Read(TlsUpgradeOptions options, IConfigurationSection section, List<string> errors)
    {
        errors.AddRange(section.GetChildren()
            .Where(static setting => !Keys.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            .Select(static setting => SettingsSection.NotKnown(setting, Keys)));
        if (string.IsNullOrEmpty(section["Path"]) == string.IsNullOrEmpty(section["Subject"]))
        {
            errors.Add($"{section.Path} has to have either Path, for a file, or Subject, for a certificate of a store.");
        }

        options.Https.ServerCertificate = null;
        options.Https.ServerCertificateSelector = null;
    }

    /// <exception cref="InvalidOperationException">The certificate cannot be loaded.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Something in the section cannot be taken.</exception>
    public static void MakeDefault(IConfigurationSection settings, KestrelServerOptions server)
    {
        var certificate = settings.GetSection(Key);
        if (!certificate.Exists())
        {
            return;
        }

        // All of the settings before the first of them is used.
        SettingsSection.Read(settings, new TlsUpgradeOptions());

        // Of the server's own configuration only what is not its default certificate, and no endpoints: they are not bound here.
        var configuration = new Dictionary<string, string?>();
        foreach (var (key, value) in server.ConfigurationLoader?.Configuration.AsEnumerable(makePathsRelative: true) ?? [])
        {
            if (key.StartsWith("EndpointDefaults", StringComparison.OrdinalIgnoreCase))
            {
                configuration[key] = value;
            }
        }

        foreach (var (key, value) in certificate.AsEnumerable(makePathsRelative: true))
        {
            configuration[$"{DefaultCertificate}:{key}"] = value;
        }

        try
        {
            server.Configure(new ConfigurationBuilder().AddInMemoryCollection(configuration).Build()).Load();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{certificate.Path} ({certificate["Path"] ?? certificate["Subject"]}) cannot be loaded: {exception.Message}", exception);
        }
    }
}
