using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade;
using KestrelTlsUpgrade.Internal.Endpoints;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Extension methods that let one plaintext endpoint of Kestrel switch to TLS in place (RFC 2817).</summary>
public static class ListenOptionsTlsUpgradeExtensions
{
    /// <summary>
    /// Lets the endpoint upgrade plaintext HTTP/1.1 connections to TLS. The application also needs
    /// <c>services.AddTlsUpgrade()</c>, which <c>IWebHostBuilder.UseTlsUpgrade()</c> does by itself.
    /// </summary>
    /// <param name="listenOptions">The endpoint. It must speak HTTP/1.1 and not use HTTPS.</param>
    /// <returns>The <paramref name="listenOptions"/>.</returns>
    /// <remarks>
    /// Place it first: connection middleware that is added later runs for the plaintext phase and, once more, for the TLS
    /// phase of a connection; one that reads ahead of HTTP in the background keeps later requests from being upgraded.
    /// Calling it again adds settings, not a second upgrade. An endpoint that cannot be upgraded or has no certificate makes
    /// the server fail to start with an <see cref="InvalidOperationException"/>.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="listenOptions"/> is <see langword="null"/>.</exception>
    public static ListenOptions UseTlsUpgrade(this ListenOptions listenOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        TlsUpgradeEndpoint.Add(listenOptions, configure: null, isExplicit: true);
        return listenOptions;
    }

    /// <inheritdoc cref="UseTlsUpgrade(ListenOptions)"/>
    /// <param name="listenOptions">The endpoint. It must speak HTTP/1.1 and not use HTTPS.</param>
    /// <param name="serverCertificate">The certificate of the endpoint, with its private key.</param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static ListenOptions UseTlsUpgrade(this ListenOptions listenOptions, X509Certificate2 serverCertificate)
    {
        ArgumentNullException.ThrowIfNull(serverCertificate);
        return listenOptions.UseTlsUpgrade(options => options.Https.ServerCertificate = serverCertificate);
    }

    /// <inheritdoc cref="UseTlsUpgrade(ListenOptions)"/>
    /// <param name="listenOptions">The endpoint. It must speak HTTP/1.1 and not use HTTPS.</param>
    /// <param name="configureOptions">
    /// Sets the endpoint's options, over those of the configuration and of the host. Called when the endpoint is bound, and again
    /// when the configuration or a certificate file has changed.
    /// </param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static ListenOptions UseTlsUpgrade(this ListenOptions listenOptions, Action<TlsUpgradeOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        ArgumentNullException.ThrowIfNull(configureOptions);
        TlsUpgradeEndpoint.Add(listenOptions, configureOptions, isExplicit: true);
        return listenOptions;
    }
}
