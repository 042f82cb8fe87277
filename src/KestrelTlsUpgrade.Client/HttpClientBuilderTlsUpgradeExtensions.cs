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
    /// <summary>Makes <c>http://</c> requests of the client go over connections that were upgraded to TLS (RFC 2817).</summary>
    /// <param name="builder">The client's builder.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IHttpClientBuilder UseTlsUpgrade(this IHttpClientBuilder builder) => builder.UseTlsUpgrade(static _ => { });

    /// <summary>Makes <c>http://</c> requests of the client go over connections that were upgraded to TLS (RFC 2817).</summary>
    /// <remarks>
    /// It is the client's primary handler: one that was set before is replaced. What servers refused or demanded is remembered
    /// across the handlers that the factory makes for the client.
    /// </remarks>
    /// <param name="builder">The client's builder.</param>
    /// <param name="configure">The settings; further ones can come from the options of the client's name.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IHttpClientBuilder UseTlsUpgrade(this IHttpClientBuilder builder, Action<TlsUpgradeClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure(builder.Name, configure);
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
