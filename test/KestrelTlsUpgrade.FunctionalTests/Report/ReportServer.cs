using System.Net;
using System.Text.Json;
using KestrelTlsUpgrade.Report.Internal.Content;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>A server with a report, and what it says.</summary>
internal static class ReportServer
{
    /// <param name="environment">The environment.</param>
    /// <param name="map">Maps the report; at <c>/tls</c> by default.</param>
    /// <param name="services">Further services.</param>
    /// <param name="upgrade">The endpoint's settings.</param>
    public static Task<UpgradeServer> StartAsync(
        string environment = "Development",
        Action<WebApplication>? map = null,
        Action<IServiceCollection>? services = null,
        Action<TlsUpgradeOptions>? upgrade = null) =>
        UpgradeServer.StartAsync(
            builder =>
            {
                services?.Invoke(builder.Services);
                builder.Services.AddTlsUpgradeReport();
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseTlsUpgrade(options =>
                {
                    options.Https.ServerCertificate = TestCertificates.Server;
                    upgrade?.Invoke(options);
                })));
            },
            app =>
            {
                (map ?? (static app => app.MapTlsUpgradeReport()))(app);
                app.MapGet("/secret", UpgradeServer.DescribeAsync).RequireTlsUpgrade();
                app.MapGet("/x", UpgradeServer.DescribeAsync);
            },
            environment);

    public static ReportContent Read(UpgradeServer server) => server.Services.GetRequiredService<ReportSource>().Read();

    /// <summary>Connections are counted when they have ended up as something, which nobody tells of.</summary>
    public static Task UntilAsync(UpgradeServer server, Func<ReportContent, bool> isSettled) =>
        Settling.UntilAsync(() => isSettled(Read(server)), () => JsonSerializer.Serialize(Read(server).Hour.Connections));
}
