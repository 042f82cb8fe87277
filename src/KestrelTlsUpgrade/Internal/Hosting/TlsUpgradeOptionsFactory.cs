using KestrelTlsUpgrade.Internal.Switching;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>
/// Makes the settings of an endpoint. In this order, the later over the earlier: the application's HTTPS defaults, the host's
/// settings, the endpoint's own; then Kestrel's default certificate where none of them gave one.
/// </summary>
internal sealed class TlsUpgradeOptionsFactory(
    TlsBranchServer server,
    DevelopmentCertificate developmentCertificate,
    IHostEnvironment environment,
    TimeProvider timeProvider,
    IEnumerable<IConfigureOptions<TlsUpgradeOptions>> configureHost,
    IEnumerable<IPostConfigureOptions<TlsUpgradeOptions>> postConfigure,
    IEnumerable<IValidateOptions<TlsUpgradeOptions>> validate)
{
    public TlsUpgradeOptions Create(ListenOptions endpoint, IEnumerable<Action<TlsUpgradeOptions>> configureEndpoint)
    {
        var options = new TlsUpgradeOptions();
        var hasCertificate = server.TryCreateHttps(https =>
        {
            options.Https = https;
            Configure(options, configureEndpoint);
            if (options.Https != https)
            {
                HttpsSettings.Copy(from: options.Https, to: https);
                options.Https = https;
            }
        });
        Validate(endpoint, options);
        if (options.HandshakeCallback is not null)
        {
            options.HandshakeCallback = HandshakeRules.Apply(options.HandshakeCallback);
            return options;
        }

        if (!hasCertificate)
        {
            options.Https.ServerCertificate = environment.IsDevelopment()
                ? developmentCertificate.Get()
                : throw new InvalidOperationException(
                    $"The endpoint {endpoint} upgrades to TLS but has no certificate. Set TlsUpgrade:Certificate or Kestrel:Certificates:Default in the "
                    + "configuration (Path, and KeyPath or Password), or give it one in code: "
                    + "UseTlsUpgrade(options => options.Https.ServerCertificate = ...).");
        }

        if (options.Https.ServerCertificate is { } certificate
            && CertificateValidity.FindFault(certificate, timeProvider.GetUtcNow()) is { } fault)
        {
            throw new InvalidOperationException($"The certificate of the endpoint {endpoint}, {certificate.Subject}, {fault}");
        }

        HandshakeRules.Apply(options.Https);
        return options;
    }

    private void Configure(TlsUpgradeOptions options, IEnumerable<Action<TlsUpgradeOptions>> configureEndpoint)
    {
        foreach (var configure in configureHost)
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
    }

    private void Validate(ListenOptions endpoint, TlsUpgradeOptions options)
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
