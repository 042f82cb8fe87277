using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>A server in Development with a report at <c>/tls</c>.</summary>
internal static class ReportServer
{
    public static Task<UpgradeServer> StartAsync(Action<TlsUpgradeOptions>? upgrade = null, string environment = "Development", TimeProvider? clock = null) =>
        UpgradeServer.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton(clock ?? TimeProvider.System);
                builder.Services.AddTlsUpgrade();
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseTlsUpgrade(options =>
                {
                    options.Https.ServerCertificate = TestCertificates.Server;
                    upgrade?.Invoke(options);
                })));
            },
            app =>
            {
                app.MapTlsUpgradeReport();
                app.MapGet("/secret", UpgradeServer.DescribeAsync).RequireTlsUpgrade();
                app.MapFallback(UpgradeServer.DescribeAsync);
            },
            environment);
}
