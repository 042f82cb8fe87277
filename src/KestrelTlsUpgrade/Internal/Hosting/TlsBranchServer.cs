using KestrelTlsUpgrade.Internal.Configuration;
using KestrelTlsUpgrade.Internal.Switching.Handshakes;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>
/// A twin of the server's options, on which Kestrel's own loader reads TLS settings. It knows the application's HTTPS defaults and
/// default certificate, as it is made by the same configuration callbacks, but nothing is ever bound on it.
/// </summary>
internal sealed class TlsBranchServer(IOptionsFactory<KestrelServerOptions> factory)
{
    /// <summary>Means nothing to Kestrel but that the endpoint has changed: one that has not is not loaded again.</summary>
    private const string LoadKey = "Load";

    private readonly Lock _lock = new();
    private KestrelServerOptions? _options;
    private IConfiguration? _configuration;
    private int _loads;

    /// <summary>
    /// Has Kestrel load an https endpoint: the application's defaults, then <paramref name="settings"/> in Kestrel's schema, then
    /// its default certificate, then <paramref name="configure"/>. The endpoint is as Kestrel would bind it, with TLS and
    /// nothing behind that.
    /// </summary>
    /// <param name="name">What Kestrel calls the endpoint in its messages.</param>
    /// <param name="settings">The keys under the endpoint.</param>
    /// <param name="configure">Code. Where it calls <c>UseHttps</c> itself, that is what counts.</param>
    /// <param name="hasDefaultCertificate">False to go without the server's default certificate.</param>
    public ListenOptions Load(
        string name,
        IEnumerable<KeyValuePair<string, string?>> settings,
        Action<ListenOptions, HttpsConnectionAdapterOptions> configure,
        bool hasDefaultCertificate = true)
    {
        lock (_lock)
        {
            var server = _options ??= Create();
            var endpoint = ConfigurationPath.Combine(EndpointSection.EndpointsKey, name);
            var configuration = new ConfigurationBuilder()
                .AddInMemoryCollection(GetServerSettings("EndpointDefaults"))
                .AddInMemoryCollection(hasDefaultCertificate ? GetServerSettings("Certificates") : [])
                .AddInMemoryCollection([new($"{endpoint}:Url", "https://127.0.0.1:0"), new($"{endpoint}:{LoadKey}", $"{++_loads}")])
                .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"{endpoint}:{setting.Key}", setting.Value)))
                .Build();
            ListenOptions? loaded = null;
            server.Configure(configuration)
                .Endpoint(name, tls =>
                {
                    loaded = tls.ListenOptions;
                    configure(tls.ListenOptions, tls.HttpsOptions);
                })
                .Load();
            return loaded!;
        }
    }

    private KestrelServerOptions Create()
    {
        var options = factory.Create(Options.DefaultName);
        options.ApplicationServices = new HandshakeServices(
            options.ApplicationServices,
            new HandshakeLoggerFactory(options.ApplicationServices.GetRequiredService<ILoggerFactory>()));
        _configuration = options.ConfigurationLoader?.Configuration;

        // The endpoint's own middleware follows the branch; endpoint defaults would put it there a second time.
        options.ConfigureEndpointDefaults(static _ => { });
        return options;
    }

    private IEnumerable<KeyValuePair<string, string?>> GetServerSettings(string key) =>
        _configuration?.GetSection(key).AsEnumerable(makePathsRelative: true)
            .Select(setting => KeyValuePair.Create($"{key}:{setting.Key}", setting.Value)) ?? [];
}
