using System.Net;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// Makes Kestrel build TLS endpoints that are never bound. Uses separate server options, so that no callback of the application runs for
/// them.
/// </summary>
internal sealed class TlsBranchFactory(IServiceProvider services, ILoggerFactory loggers)
{
    private readonly HandshakeServices _services = new(services, new HandshakeLoggerFactory(loggers));

    /// <summary>Builds an endpoint from code.</summary>
    public ListenOptions Listen(Action<ListenOptions> configure)
    {
        ListenOptions? endpoint = null;
        CreateOptions().Listen(IPAddress.Loopback, 0, listen =>
        {
            endpoint = listen;
            configure(listen);
        });
        return endpoint!;
    }

    /// <summary>Builds an endpoint with Kestrel's configuration loader.</summary>
    /// <param name="name">The name of the endpoint in Kestrel's messages.</param>
    /// <param name="settings">The keys of the endpoint, in Kestrel's schema.</param>
    /// <param name="defaults">The HTTPS settings that <paramref name="settings"/> override.</param>
    /// <param name="configure">Called with the loaded settings. May call <c>UseHttps</c> to replace them.</param>
    /// <param name="server">Further keys of the server, such as its certificates.</param>
    public ListenOptions Load(
        string name,
        IEnumerable<KeyValuePair<string, string?>> settings,
        HttpsConnectionAdapterOptions? defaults = null,
        Action<ListenOptions, HttpsConnectionAdapterOptions>? configure = null,
        IEnumerable<KeyValuePair<string, string?>>? server = null)
    {
        var endpoint = ConfigurationPath.Combine(EndpointSections.EndpointsKey, name);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(server ?? [])
            .AddInMemoryCollection([new($"{endpoint}:Url", "https://127.0.0.1:0")])
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"{endpoint}:{setting.Key}", setting.Value)))
            .Build();
        var options = CreateOptions();
        if (defaults is not null)
        {
            options.ConfigureHttpsDefaults(defaults.CopyTo);
        }

        ListenOptions? loaded = null;
        options.Configure(configuration)
            .Endpoint(name, tls =>
            {
                loaded = tls.ListenOptions;
                configure?.Invoke(tls.ListenOptions, tls.HttpsOptions);
            })
            .Load();
        return loaded!;
    }

    private KestrelServerOptions CreateOptions() => new() { ApplicationServices = _services };

    /// <summary>The application's services for Kestrel's TLS, with a different logger factory.</summary>
    private sealed class HandshakeServices(IServiceProvider inner, ILoggerFactory loggers) : IKeyedServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(ILoggerFactory) ? loggers : inner.GetService(serviceType);

        public object? GetKeyedService(Type serviceType, object? serviceKey) =>
            ((IKeyedServiceProvider)inner).GetKeyedService(serviceType, serviceKey);

        public object GetRequiredKeyedService(Type serviceType, object? serviceKey) =>
            ((IKeyedServiceProvider)inner).GetRequiredKeyedService(serviceType, serviceKey);
    }
}
