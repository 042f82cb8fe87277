using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.ProxyProtocol;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Extension methods for a host behind a load balancer that speaks the PROXY protocol.</summary>
public static class WebHostBuilderProxyProtocolExtensions
{
    /// <summary>
    /// Lets every TCP endpoint take the client's address from the header of the PROXY protocol, with or without TLS, whether the endpoint
    /// comes from <c>--urls</c>, configuration or code. Unix sockets and named pipes stay as they are.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <returns>The <paramref name="builder"/>.</returns>
    /// <remarks>
    /// <para>
    /// It uses Kestrel's endpoint defaults. An application that calls <c>ConfigureEndpointDefaults</c> itself replaces them and has to call
    /// <c>listenOptions.UseProxyProtocol()</c> in there: the start-up fails and says so if it does not.
    /// </para>
    /// <para>
    /// Settings come from the section <c>ProxyProtocol</c> of the configuration, from <c>Kestrel:Endpoints:{name}:ProxyProtocol</c> for one
    /// endpoint, and then from code. An endpoint that clients reach directly needs <c>Enabled</c> set to <c>false</c>.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IWebHostBuilder UseProxyProtocol(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(static services =>
        {
            if (services.Any(static service => service.ImplementationType == typeof(ProxyProtocolEndpointCheck)))
            {
                return;
            }

            services.AddSingleton<IHostedService, ProxyProtocolEndpointCheck>();
            EndpointDefaults.Add(
                services, static endpoint => ProxyProtocolEndpoint.Add(endpoint, configure: null, isExplicit: false), isOutermost: true);
        });
    }

    /// <inheritdoc cref="UseProxyProtocol(IWebHostBuilder)"/>
    /// <param name="builder">The host.</param>
    /// <param name="configureOptions">
    /// Sets the options of every endpoint, such as whom to trust. It overrides the configuration, and an endpoint's own code overrides it.
    /// </param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IWebHostBuilder UseProxyProtocol(this IWebHostBuilder builder, Action<ProxyProtocolOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        return builder.UseProxyProtocol().ConfigureServices(services => services.Configure(configureOptions));
    }
}
