using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Client.Internal.Factory;

/// <summary>
/// Makes the upgrade's handler the primary handler of a client. It runs after everything that the application configures, so that a
/// later call cannot put a handler in its place that sends in clear text.
/// </summary>
internal sealed class UpgradedPrimaryHandler(IOptionsMonitor<FactoryClientOptions> clients)
    : IPostConfigureOptions<HttpClientFactoryOptions>, IHttpMessageHandlerBuilderFilter
{
    /// <summary>Adds the last action of the client's handler.</summary>
    public void PostConfigure(string? name, HttpClientFactoryOptions options)
    {
        if (clients.Get(name).IsUpgraded)
        {
            options.HttpMessageHandlerBuilderActions.Add(TakeOver);
        }
    }

    /// <summary>Checks that filters and later actions have left the handler in its place.</summary>
    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        if (clients.Get(builder.Name).IsUpgraded && !IsOurs(builder))
        {
            throw Replaced(builder);
        }
    };

    private static void TakeOver(HttpMessageHandlerBuilder builder)
    {
        var configured = SettingsOf(builder.PrimaryHandler) ?? throw Replaced(builder);

        var (name, services) = (builder.Name ?? Options.DefaultName, builder.Services);
        builder.PrimaryHandler = new TlsUpgradeHttpHandler(
            services.GetRequiredService<IOptionsMonitor<TlsUpgradeClientOptions>>().Get(name),
            services.GetRequiredService<ILoggerFactory>().CreateLogger($"System.Net.Http.HttpClient.{name}.TlsUpgrade"),
            services.GetRequiredService<FactoryClientMemories>().Of(name),
            services.GetService<IMeterFactory>(),
            configured)
        {
            ClientName = name,
        };
    }

    /// <summary>The settings of a handler of the platform; <see langword="null"/> if they cannot be taken over.</summary>
    private static SocketsHttpHandler? SettingsOf(HttpMessageHandler? handler) => handler switch
    {
        SocketsHttpHandler sockets => sockets,
        HttpClientHandler client when client.GetType() == typeof(HttpClientHandler) => client.ToSocketsHttpHandler(),
        _ => null,
    };

    /// <summary>A handler of the application's own does not count: it may have a weaker mode than UseTlsUpgrade was told.</summary>
    private static bool IsOurs(HttpMessageHandlerBuilder builder) =>
        builder.PrimaryHandler is TlsUpgradeHttpHandler { ClientName: { } name } && name == (builder.Name ?? Options.DefaultName);

    private static InvalidOperationException Replaced(HttpMessageHandlerBuilder builder) => new(
        $"The client '{builder.Name}' is configured with UseTlsUpgrade, and also with ConfigurePrimaryHttpMessageHandler (or another way to set the "
        + $"primary handler), which brings {builder.PrimaryHandler?.GetType().Name ?? "none"}. That handler would send without an upgrade. "
        + "Remove one of the two. The settings of a SocketsHttpHandler are taken over: use UseSocketsHttpHandler for them, "
        + "or TlsUpgradeClientOptions.ConfigureHandler. So are those of a plain HttpClientHandler without a certificate callback or automatic "
        + "client certificates.");
}
