using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>A host may be stopped more than once, and after it has been disposed of: WebApplicationFactory does both.</summary>
public sealed class StopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_Again_IsNothing(bool isDisposedOf)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var builder = WebApplication.CreateBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0").UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.UseProxyProtocol(options => options.Enabled = false);
            builder.Services.AddTlsUpgradeReport(options => options.Folder = folder.FullName);
            await using var app = builder.Build();
            app.MapTlsUpgradeReport("/tls");
            app.MapGet("/x", () => "x");
            var services = app.Services.GetServices<IHostedService>().OfType<IHostedLifecycleService>().ToArray();
            Assert.NotEmpty(services);
            await app.StartAsync(TestContext.Current.CancellationToken);
            using (var client = new HttpClient())
            {
                await client.GetStringAsync(app.Urls.Single() + "/x", TestContext.Current.CancellationToken);
            }

            await app.StopAsync(TestContext.Current.CancellationToken);
            var saved = new FileInfo(Assert.Single(Directory.EnumerateFiles(folder.FullName, "*.json")));
            var (length, writtenAt) = (saved.Length, saved.LastWriteTimeUtc);
            if (isDisposedOf)
            {
                await app.DisposeAsync();
            }

            foreach (var service in services)
            {
                await service.StoppingAsync(TestContext.Current.CancellationToken);
                await service.StopAsync(TestContext.Current.CancellationToken);
                await service.StoppedAsync(TestContext.Current.CancellationToken);
            }

            saved.Refresh();
            Assert.Equal((length, writtenAt), (saved.Length, saved.LastWriteTimeUtc));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
