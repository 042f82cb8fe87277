using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>
/// Once the server has started, looks for https endpoints that an upgrade endpoint puts at risk: those that serve HTTP/1.1 with
/// a certificate that shares a name with it. An attacker on the path can put a client of theirs behind an upgrade, and nothing
/// on the upgrade endpoint tells that client from one that knows of the upgrade (CVE-2025-49812).
/// </summary>
internal sealed partial class SharedNameCheck(IServer server, TlsUpgradeEndpoints endpoints, ILogger<SharedNameCheck> logger)
    : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _work = Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        endpoints.Reloaded += CheckAgain;
        Check([.. endpoints.Upgradable]);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        endpoints.Reloaded -= CheckAgain;
        await _stop.CancelAsync();
        await _work;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stop.Dispose();

    private void CheckAgain(IUpgradeEndpoint changed) => Check([changed]);

    private void Check(IUpgradeEndpoint[] changed)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.Where(HttpsProbe.CanReach).ToArray() ?? [];
        var upgradable = changed
            .Where(static endpoint => endpoint.Settings is { Options: { Enabled: true, AcceptedClients: UpgradeClients.Compatible } })
            .ToArray();

        // Not what the application has to wait for.
        _work = Task.WhenAll(_work, Task.Run(() => CheckAsync(addresses, upgradable), CancellationToken.None));
    }

    private async Task CheckAsync(string[] addresses, IUpgradeEndpoint[] upgradable)
    {
        foreach (var address in addresses)
        {
            foreach (var endpoint in upgradable)
            {
                try
                {
                    if (await FindSharedNameAsync(address, endpoint.Settings!) is { } name)
                    {
                        Log.SharedName(logger, address, name, endpoint.Address);
                    }
                }
                catch (Exception exception) when (!_stop.IsCancellationRequested)
                {
                    Log.NotChecked(logger, address, exception);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }

        Log.Checked(logger, addresses.Length, upgradable.Length);
    }

    /// <summary>A name that both would show a certificate for, if the https endpoint does so for HTTP/1.1.</summary>
    private async Task<string?> FindSharedNameAsync(string address, LoadedSettings settings)
    {
        using var shown = await HttpsProbe.GetCertificateAsync(address, serverName: null, _stop.Token);
        var candidates = settings.Certificates.Select(static loaded => loaded.Certificate).Append(shown)
            .SelectMany(CertificateNames.Of).Distinct();
        foreach (var name in candidates)
        {
            if (!CertificateNames.Cover(settings.GetCertificate(name), name))
            {
                continue;
            }

            using var theirs = await HttpsProbe.GetCertificateAsync(address, name, _stop.Token);
            if (CertificateNames.Cover(theirs, name))
            {
                return name;
            }
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The endpoint {Address} serves HTTP/1.1 with a certificate for {Name}, and so does the upgrade endpoint {Endpoint}. An attacker on the path can put clients of the first behind an upgrade of the second (CVE-2025-49812). Give the upgrade endpoint a certificate and a name of its own, set its AcceptedClients to AwareOnly, or serve HTTP/2 only on {Address}.", EventName = "SharedName")]
        public static partial void SharedName(ILogger logger, string address, string name, string endpoint);

        [LoggerMessage(3, LogLevel.Debug, "Compared the certificates of {HttpsEndpoints} https endpoints with those of {UpgradeEndpoints} upgrade endpoints.", EventName = "SharedNamesChecked")]
        public static partial void Checked(ILogger logger, int httpsEndpoints, int upgradeEndpoints);

        [LoggerMessage(2, LogLevel.Information, "Could not find out whether {Address} shares the name of a certificate with an upgrade endpoint.", EventName = "NotChecked")]
        public static partial void NotChecked(ILogger logger, string address, Exception exception);
    }
}
