using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Client.Internal;
using KestrelTlsUpgrade.Client.Internal.Factory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that make the clients of a factory upgrade their connections to TLS.</summary>
public static class HttpClientBuilderTlsUpgradeExtensions
{
    /// <summary>Sends the client's <c>http://</c> requests over connections that are upgraded to TLS (RFC 2817).</summary>
    /// <param name="builder">The client's builder.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IHttpClientBuilder UseTlsUpgrade(this IHttpClientBuilder builder) => builder.UseTlsUpgrade(static _ => { });

    /// <summary>Sends the client's <c>http://</c> requests over connections that are upgraded to TLS (RFC 2817).</summary>
    /// <remarks>
    /// Replaces the client's primary handler, wherever this call stands. The settings of a <see cref="SocketsHttpHandler"/> that is
    /// configured for the client (<c>UseSocketsHttpHandler</c>), or of a plain <see cref="HttpClientHandler"/>, are taken over, except that its <c>SslOptions</c> are for
    /// <c>https://</c> only. With any other primary handler the factory throws <see cref="InvalidOperationException"/>, because
    /// that handler would send without an upgrade. All handlers that the factory creates for the client share what is remembered about servers
    /// that refused or required the upgrade.
    /// </remarks>
    /// <param name="builder">The client's builder.</param>
    /// <param name="configureOptions">Configures the settings. Named options with the client's name can add further ones.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IHttpClientBuilder UseTlsUpgrade(this IHttpClientBuilder builder, Action<TlsUpgradeClientOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configureOptions);
        var services = builder.Services;

        // ConfigureHttpClientDefaults has no name, which means all clients here too.
        services.Configure(builder.Name, configureOptions);
        services.Configure<FactoryClientOptions>(builder.Name, static client => client.IsUpgraded = true);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TlsUpgradeClientOptions>, TlsUpgradeClientOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HttpClientFactoryOptions>, UpgradedPrimaryHandler>());
        services.TryAddSingleton<FactoryClientMemories>();

        // The first filter is the outermost: it sees the handler that the others leave.
        var filter = ServiceDescriptor.Singleton<IHttpMessageHandlerBuilderFilter, UpgradedPrimaryHandler>();
        if (!services.Any(service => service.ServiceType == filter.ServiceType && service.ImplementationType == filter.ImplementationType))
        {
            services.Insert(0, filter);
        }

        return builder;
    }
}
