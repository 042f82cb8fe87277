using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Tunnel;
using KestrelTlsUpgrade.Tunnel.Internal.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Extension methods that let all plaintext endpoints of a host open tunnels (RFC 9110 section 9.3.6).</summary>
public static class WebHostBuilderConnectTunnelExtensions
{
    /// <summary>
    /// Lets every plaintext HTTP/1.1 endpoint open tunnels for CONNECT, whether it comes from <c>--urls</c>, configuration or code. On an
    /// endpoint that upgrades to TLS it works inside TLS too. An https endpoint needs <c>listenOptions.UseConnectTunnel()</c> after its
    /// <c>UseHttps()</c>.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <returns>The <paramref name="builder"/>.</returns>
    /// <remarks>
    /// Uses Kestrel's endpoint defaults. An application that calls <c>ConfigureEndpointDefaults</c> itself replaces them and has to call
    /// <c>listenOptions.UseConnectTunnel()</c> there; otherwise the start-up fails with a message that says so. Settings come from the
    /// configuration section <c>ConnectTunnel</c>, then from code.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IWebHostBuilder UseConnectTunnel(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(static services =>
        {
            if (services.Any(static service => service.ImplementationType == typeof(TunnelEndpointCheck)))
            {
                return;
            }

            services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, TunnelEndpointCheck>());
            EndpointDefaults.Add(
                services, static endpoint => TunnelEndpoint.Add(endpoint, configure: null, isExplicit: false), isOutermost: false);
        });
    }

    /// <inheritdoc cref="UseConnectTunnel(IWebHostBuilder)"/>
    /// <param name="builder">The host.</param>
    /// <param name="configureOptions">
    /// Configures the options of every endpoint. Overrides the configuration; an endpoint's own code overrides these.
    /// </param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IWebHostBuilder UseConnectTunnel(this IWebHostBuilder builder, Action<ConnectTunnelOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        return builder.UseConnectTunnel().ConfigureServices(services => services.Configure(configureOptions));
    }
}
