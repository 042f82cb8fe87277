using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// The sources of an endpoint's certificate, in order: code, the configuration section <c>Certificate</c>, the application's HTTPS
/// defaults, Kestrel's default certificate, and in Development a self-signed one.
/// </summary>
internal sealed class CertificateSources(
    CertificateLoader loader, DevelopmentCertificate development, IHostEnvironment environment, ServerClock clock)
{
    /// <summary>Loads the certificates of an endpoint, and sets the one for server names without their own.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="https">The endpoint's settings, complete except for the certificate.</param>
    /// <param name="defaults">The application's HTTPS defaults.</param>
    /// <param name="sources">The endpoint's configuration.</param>
    /// <param name="mustBeValid">Whether a certificate that has expired, or is not valid yet, is unusable.</param>
    /// <exception cref="InvalidOperationException">There is no certificate, or one is unusable.</exception>
    public EndpointCertificates Load(
        ListenOptions endpoint,
        HttpsConnectionAdapterOptions https,
        HttpsConnectionAdapterOptions defaults,
        SettingsSources sources,
        bool mustBeValid)
    {
        var byName = sources.Sni
            .Select(entry => new NamedCertificate(entry, entry.Certificate is null ? null : Accept(loader.Load(entry.Certificate), mustBeValid)))
            .ToArray();
        var forAll = FindForAll(endpoint, https, defaults, sources, byName, mustBeValid);
        forAll?.ApplyTo(https);
        return new(forAll, byName);
    }

    /// <returns><see langword="null"/> if code selects the certificate, or every name has its own.</returns>
    private LoadedCertificate? FindForAll(
        ListenOptions endpoint,
        HttpsConnectionAdapterOptions https,
        HttpsConnectionAdapterOptions defaults,
        SettingsSources sources,
        NamedCertificate[] byName,
        bool mustBeValid)
    {
        var origin = $"the endpoint {endpoint}";
        var isFromCode = HasCertificate(https)
            && (https.ServerCertificate != defaults.ServerCertificate || https.ServerCertificateSelector != defaults.ServerCertificateSelector);
        if (!isFromCode && sources.Certificate is { } section)
        {
            return Accept(loader.Load(section), mustBeValid);
        }

        if (!HasCertificate(https))
        {
            (https.ServerCertificate, https.ServerCertificateChain) = (defaults.ServerCertificate, defaults.ServerCertificateChain);
            https.ServerCertificateSelector = defaults.ServerCertificateSelector;
        }

        if (https.ServerCertificateSelector is not null)
        {
            return null;
        }

        if (https.ServerCertificate is { } certificate)
        {
            return Accept(new(certificate, https.ServerCertificateChain, origin), mustBeValid);
        }

        string[] without = [.. byName.Where(static entry => entry.Certificate is null).Select(static entry => entry.Entry.Name)];
        if (byName.Length > 0 && without.Length == 0)
        {
            return null;
        }

        return loader.LoadDefault(sources.Kestrel, origin) is { } found ? Accept(found, mustBeValid)
            : environment.IsDevelopment() ? new(development.Get(), null, origin)
            : throw new InvalidOperationException(
                $"The endpoint {endpoint} upgrades to TLS but has no certificate{(without.Length == 0 ? "" : $" for {string.Join(", ", without)}")}. "
                + "Set TlsUpgrade:Certificate or Kestrel:Certificates:Default in the "
                + "configuration (Path, and KeyPath or Password), or set one in code: "
                + "UseTlsUpgrade(options => options.Https.ServerCertificate = ...).");
    }

    /// <summary>Whether all of the certificates are valid now, and there are any.</summary>
    public bool AreValid(IReadOnlyCollection<LoadedCertificate> certificates) =>
        certificates.Count > 0
        && certificates.All(loaded => CertificateValidity.IsValid(loaded.Certificate, clock.TimeProvider.GetUtcNow()));

    private LoadedCertificate Accept(LoadedCertificate loaded, bool mustBeValid) =>
        mustBeValid && CertificateValidity.FindFault(loaded.Certificate, clock.TimeProvider.GetUtcNow()) is { } fault
            ? throw new InvalidOperationException($"The certificate of {loaded.Origin}, {loaded.Certificate.Subject}, {fault}")
            : loaded;

    private static bool HasCertificate(HttpsConnectionAdapterOptions https) =>
        https is not { ServerCertificate: null, ServerCertificateSelector: null };
}
