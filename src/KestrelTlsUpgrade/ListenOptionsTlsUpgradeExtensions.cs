using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade;
using KestrelTlsUpgrade.Internal.Endpoints;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Extension methods that let a plaintext endpoint of Kestrel switch to TLS in place (RFC 2817).</summary>
public static class ListenOptionsTlsUpgradeExtensions
{
    /// <summary>
    /// Lets the endpoint upgrade plaintext HTTP/1.1 connections to TLS. Also requires <c>services.AddTlsUpgrade()</c>, which
    /// <c>IWebHostBuilder.UseTlsUpgrade()</c> calls itself.
    /// </summary>
    /// <param name="listenOptions">The endpoint. It must speak HTTP/1.1 and not use HTTPS.</param>
    /// <returns>The <paramref name="listenOptions"/>.</returns>
    /// <remarks>
    /// Call this before adding connection middleware: later middleware runs once for the plaintext phase and again for the TLS phase of a
    /// connection. Middleware that reads ahead in the background prevents upgrades of later requests. Repeated calls add settings, not a
    /// second upgrade. If the endpoint cannot be upgraded or has no certificate, the server fails to start with an
    /// <see cref="InvalidOperationException"/>.
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
    /// <param name="serverCertificate">The certificate of the endpoint, including its private key.</param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static ListenOptions UseTlsUpgrade(this ListenOptions listenOptions, X509Certificate2 serverCertificate)
    {
        ArgumentNullException.ThrowIfNull(serverCertificate);
        return listenOptions.UseTlsUpgrade(options => options.Https.ServerCertificate = serverCertificate);
    }

    /// <inheritdoc cref="UseTlsUpgrade(ListenOptions)"/>
    /// <param name="listenOptions">The endpoint. It must speak HTTP/1.1 and not use HTTPS.</param>
    /// <param name="configureOptions">
    /// Sets the endpoint's options, after those of the configuration and the host. Called when the endpoint is bound, and again when the
    /// configuration or a certificate file has changed.
    /// </param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static ListenOptions UseTlsUpgrade(this ListenOptions listenOptions, Action<TlsUpgradeOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        ArgumentNullException.ThrowIfNull(configureOptions);
        TlsUpgradeEndpoint.Add(listenOptions, configureOptions, isExplicit: true);
        return listenOptions;
    }

    /// <inheritdoc cref="UseTlsUpgrade(ListenOptions)"/>
    /// <param name="listenOptions">The endpoint. It must speak HTTP/1.1 and not use HTTPS.</param>
    /// <param name="serverCertificate">The certificate of the endpoint, including its private key.</param>
    /// <param name="configureOptions">
    /// Sets the endpoint's options, after those of the configuration and the host. Called when the endpoint is bound, and again when the
    /// configuration or a certificate file has changed.
    /// </param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static ListenOptions UseTlsUpgrade(
        this ListenOptions listenOptions, X509Certificate2 serverCertificate, Action<TlsUpgradeOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        return listenOptions.UseTlsUpgrade(serverCertificate).UseTlsUpgrade(configureOptions);
    }

    /// <inheritdoc cref="UseTlsUpgrade(ListenOptions, string, string, Action{TlsUpgradeOptions})"/>
    public static ListenOptions UseTlsUpgrade(this ListenOptions listenOptions, string fileName) =>
        listenOptions.UseTlsUpgrade(fileName, password: null);

    /// <inheritdoc cref="UseTlsUpgrade(ListenOptions, string, string, Action{TlsUpgradeOptions})"/>
    public static ListenOptions UseTlsUpgrade(this ListenOptions listenOptions, string fileName, string? password) =>
        listenOptions.UseTlsUpgrade(fileName, password, static _ => { });

    /// <inheritdoc cref="UseTlsUpgrade(ListenOptions)"/>
    /// <param name="listenOptions">The endpoint. It must speak HTTP/1.1 and not use HTTPS.</param>
    /// <param name="fileName">
    /// A PKCS #12 file with the certificate and its private key, relative to the application's content root. Read once, by this call. In
    /// contrast, a file named in the configuration is reloaded when it changes.
    /// </param>
    /// <param name="password">The password of the file, or <see langword="null"/> if it has none.</param>
    /// <param name="configureOptions">
    /// Sets the endpoint's options, after those of the configuration and the host. Called when the endpoint is bound, and again when the
    /// configuration or a certificate file has changed.
    /// </param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="listenOptions"/>, <paramref name="fileName"/> or <paramref name="configureOptions"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="CryptographicException">The file is unreadable, or the password is wrong.</exception>
    public static ListenOptions UseTlsUpgrade(
        this ListenOptions listenOptions, string fileName, string? password, Action<TlsUpgradeOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        ArgumentNullException.ThrowIfNull(fileName);
        var contentRoot = listenOptions.ApplicationServices.GetRequiredService<IHostEnvironment>().ContentRootPath;
        return listenOptions.UseTlsUpgrade(
            X509CertificateLoader.LoadPkcs12FromFile(Path.Combine(contentRoot, fileName), password), configureOptions);
    }

    /// <inheritdoc cref="UseTlsUpgrade(ListenOptions, StoreName, string, bool, StoreLocation, Action{TlsUpgradeOptions})"/>
    public static ListenOptions UseTlsUpgrade(this ListenOptions listenOptions, StoreName storeName, string subject) =>
        listenOptions.UseTlsUpgrade(storeName, subject, allowInvalid: false);

    /// <inheritdoc cref="UseTlsUpgrade(ListenOptions, StoreName, string, bool, StoreLocation, Action{TlsUpgradeOptions})"/>
    public static ListenOptions UseTlsUpgrade(this ListenOptions listenOptions, StoreName storeName, string subject, bool allowInvalid) =>
        listenOptions.UseTlsUpgrade(storeName, subject, allowInvalid, StoreLocation.CurrentUser);

    /// <inheritdoc cref="UseTlsUpgrade(ListenOptions, StoreName, string, bool, StoreLocation, Action{TlsUpgradeOptions})"/>
    public static ListenOptions UseTlsUpgrade(
        this ListenOptions listenOptions, StoreName storeName, string subject, bool allowInvalid, StoreLocation location) =>
        listenOptions.UseTlsUpgrade(storeName, subject, allowInvalid, location, static _ => { });

    /// <inheritdoc cref="UseTlsUpgrade(ListenOptions)"/>
    /// <param name="listenOptions">The endpoint. It must speak HTTP/1.1 and not use HTTPS.</param>
    /// <param name="storeName">The certificate store to load the certificate from.</param>
    /// <param name="subject">The subject name of the certificate.</param>
    /// <param name="allowInvalid">
    /// Whether to consider invalid certificates, such as self-signed ones. Defaults to <see langword="false"/>.
    /// </param>
    /// <param name="location">The location of the store. Defaults to <see cref="StoreLocation.CurrentUser"/>.</param>
    /// <param name="configureOptions">
    /// Sets the endpoint's options, after those of the configuration and the host. Called when the endpoint is bound, and again when the
    /// configuration or a certificate file has changed.
    /// </param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="listenOptions"/>, <paramref name="subject"/> or <paramref name="configureOptions"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">The store has no such certificate.</exception>
    public static ListenOptions UseTlsUpgrade(
        this ListenOptions listenOptions,
        StoreName storeName,
        string subject,
        bool allowInvalid,
        StoreLocation location,
        Action<TlsUpgradeOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return listenOptions.UseTlsUpgrade(
            CertificateLoader.LoadFromStoreCert(subject, storeName.ToString(), location, allowInvalid), configureOptions);
    }
}
