using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>A server that is set up by configuration as an application of <c>WebApplication.CreateBuilder</c> is.</summary>
internal static class ConfiguredServer
{
    /// <param name="settings">The configuration, as <c>key=value</c>.</param>
    /// <param name="upgrade">The host's settings in code.</param>
    /// <param name="configure">Whatever else.</param>
    /// <param name="app">The application.</param>
    public static Task<UpgradeServer> StartAsync(
        IEnumerable<string> settings,
        Action<TlsUpgradeOptions>? upgrade = null,
        Action<WebApplicationBuilder>? configure = null,
        Action<WebApplication>? app = null) =>
        UpgradeServer.StartAsync(
            builder =>
            {
                builder.Configuration.AddInMemoryCollection(settings.Select(static setting => setting.Split('=', 2))
                    .ToDictionary(static pair => pair[0], static string? (pair) => pair[1]));
                builder.Services.SetServerClock(new QuickTimeProvider());
                builder.WebHost.ConfigureKestrel((context, kestrel) =>
                    kestrel.Configure(context.Configuration.GetSection("Kestrel"), reloadOnChange: true));
                builder.WebHost.UseTlsUpgrade(options => upgrade?.Invoke(options));
                configure?.Invoke(builder);
            },
            app);
}
