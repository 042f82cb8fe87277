using System.Diagnostics.Metrics;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Client.Internal;
using KestrelTlsUpgrade.Client.Internal.Sending;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
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
    /// Replaces the client's primary handler. All handlers that the factory creates for the client share what is remembered about servers
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
        builder.Services.Configure(builder.Name, configureOptions);
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<TlsUpgradeClientOptions>, TlsUpgradeClientOptionsValidator>());
        builder.Services.TryAddKeyedSingleton<OriginMemory>(builder.Name);
        return builder.ConfigurePrimaryHttpMessageHandler(services => new TlsUpgradeHttpHandler(
            services.GetRequiredService<IOptionsMonitor<TlsUpgradeClientOptions>>().Get(builder.Name),
            services.GetRequiredService<ILoggerFactory>().CreateLogger($"System.Net.Http.HttpClient.{builder.Name}.TlsUpgrade"),
            services.GetRequiredKeyedService<OriginMemory>(builder.Name),
            services.GetService<IMeterFactory>()));
    }
}
