using KestrelTlsUpgrade.Internal.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>
/// The places that settings come from. In this order, the later over the earlier: the application's HTTPS defaults, the host's
/// section of the configuration, the endpoint's own, the host's code, the endpoint's own; then a default certificate where none
/// of them gave one.
/// </summary>
internal sealed class OptionsLayers(
    IEnumerable<IConfigureOptions<TlsUpgradeOptions>> configureHost,
    IEnumerable<IPostConfigureOptions<TlsUpgradeOptions>> postConfigure,
    IEnumerable<IValidateOptions<TlsUpgradeOptions>> validate)
{
    /// <param name="options">What is set.</param>
    /// <param name="https">The application's HTTPS defaults and Kestrel's default certificate.</param>
    /// <param name="certificate">The certificate of the configuration.</param>
    /// <param name="sources">The sections of the configuration.</param>
    /// <param name="configureEndpoint">The endpoint's code.</param>
    public void Apply(
        TlsUpgradeOptions options,
        HttpsConnectionAdapterOptions https,
        LoadedCertificate? certificate,
        SettingsSources sources,
        IEnumerable<Action<TlsUpgradeOptions>> configureEndpoint)
    {
        options.Https = https;
        if (certificate is not null)
        {
            // Nearer than the application's HTTPS defaults.
            HttpsSettings.SetCertificate(https, certificate);
        }

        var (known, chain) = (https.ServerCertificate, https.ServerCertificateChain);
        sources.Read(options);
        foreach (var configure in configureHost.Where(static configure => configure is not ConfiguredDefaults))
        {
            configure.Configure(options);
        }

        foreach (var configure in configureEndpoint)
        {
            configure(options);
        }

        foreach (var configure in postConfigure)
        {
            configure.PostConfigure(Options.DefaultName, options);
        }

        if (options.Https != https)
        {
            HttpsSettings.Copy(from: options.Https, to: https);
            options.Https = https;
        }

        if (https is { ServerCertificate: null, ServerCertificateSelector: null })
        {
            (https.ServerCertificate, https.ServerCertificateChain) = (known, chain);
        }
    }

    /// <exception cref="OptionsValidationException">A setting cannot be taken.</exception>
    public void Validate(ListenOptions endpoint, TlsUpgradeOptions options)
    {
        var failures = validate
            .Select(validator => validator.Validate(Options.DefaultName, options))
            .Where(static result => result.Failed)
            .SelectMany(static result => result.Failures!)
            .Select(failure => $"The endpoint {endpoint}: {failure}")
            .ToArray();
        if (failures.Length > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(TlsUpgradeOptions), failures);
        }
    }
}
