using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>
/// Once the server has started, looks for endpoints that an upgrade endpoint puts at risk: those that serve https over HTTP/1.1 with
/// a certificate that shares a name with it. An attacker on the path can put a client of theirs behind an upgrade, and nothing
/// on the upgrade endpoint tells that client from one that knows of the upgrade (CVE-2025-49812).
/// </summary>
internal sealed partial class SharedNameCheck(
    IServer server, IOptions<KestrelServerOptions> kestrel, TlsUpgradeEndpoints endpoints, ILogger<SharedNameCheck> logger)
    : LifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _work = Task.CompletedTask;

    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        endpoints.Changed += Check;
        Check(changed: null);
        return Task.CompletedTask;
    }

    public override async Task StoppingAsync(CancellationToken cancellationToken)
    {
        endpoints.Changed -= Check;
        await _stop.CancelAsync();
        await _work;
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>Not what the application has to wait for.</summary>
    private void Check(IUpgradeEndpoint? changed) =>
        _work = Task.WhenAll(_work, Task.Run(() => CheckAsync(changed), CancellationToken.None));

    /// <summary>Every pair of endpoints, or every pair that one of them is part of.</summary>
    private async Task CheckAsync(IUpgradeEndpoint? changed)
    {
        var upgradable = endpoints.Upgradable.Where(static endpoint => endpoint.Settings is { Options.Enabled: true }).ToArray();
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.Where(HttpsProbe.CanReach).ToArray() ?? [];
        foreach (var endpoint in upgradable.Where(static endpoint => endpoint.Settings is { Options.AcceptedClients: UpgradeClients.Compatible }))
        {
            foreach (var other in upgradable.Where(other => other != endpoint && (changed is null || changed == endpoint || changed == other)))
            {
                await CheckAsync(endpoint, other.Address, () => Task.FromResult(FindSharedName(endpoint.Settings!, other.Settings!)));
            }

            foreach (var address in addresses.Where(_ => changed is null || changed == endpoint))
            {
                if (ProxyProtocolEndpoint.IsAt(kestrel.Value, address))
                {
                    Log.BehindProxy(logger, address, endpoint.Address);
                    continue;
                }

                await CheckAsync(endpoint, address, () => FindSharedNameAsync(address, endpoint.Settings!));
            }
        }

        Log.Checked(logger, addresses.Length, upgradable.Length);
    }

    private async Task CheckAsync(IUpgradeEndpoint endpoint, string address, Func<Task<string?>> findSharedName)
    {
        try
        {
            if (await findSharedName() is { } name)
            {
                Log.SharedName(logger, address, name, endpoint.Address);
            }
        }
        catch (Exception exception)
        {
            if (!_stop.IsCancellationRequested)
            {
                Log.NotChecked(logger, address, exception);
            }
        }
    }

    /// <summary>A name that both would show a certificate for, if the other one serves HTTP/1.1 to clients that start with TLS.</summary>
    private static string? FindSharedName(LoadedSettings settings, LoadedSettings other) =>
        other.Options.DirectTls is DirectTlsMode.Any
            ? GetNames(settings.Certificates.Concat(other.Certificates).Select(static loaded => loaded.Certificate)).FirstOrDefault(name =>
                CertificateNames.Cover(settings.GetCertificate(name), name) && CertificateNames.Cover(other.GetCertificate(name), name))
            : null;

    /// <summary>A name that both would show a certificate for, if the https endpoint does so for HTTP/1.1.</summary>
    private async Task<string?> FindSharedNameAsync(string address, LoadedSettings settings)
    {
        using var shown = await HttpsProbe.GetCertificateAsync(address, serverName: null, _stop.Token);
        foreach (var name in GetNames(settings.Certificates.Select(static loaded => loaded.Certificate).Append(shown)))
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

    private static IEnumerable<string> GetNames(IEnumerable<X509Certificate2?> certificates) =>
        certificates.SelectMany(CertificateNames.Of).Distinct();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The endpoint {Address} serves https over HTTP/1.1 with a certificate for {Name}, and so does the upgrade endpoint {Endpoint} after an upgrade. An attacker on the path can put clients of the first behind an upgrade of the second (CVE-2025-49812). Give the upgrade endpoint a certificate and a name of its own, set its AcceptedClients to AwareOnly, or serve HTTP/2 only on {Address}.", EventName = "SharedName")]
        public static partial void SharedName(ILogger logger, string address, string name, string endpoint);

        [LoggerMessage(3, LogLevel.Debug, "Compared the certificates of {HttpsEndpoints} https endpoints with those of {UpgradeEndpoints} upgrade endpoints.", EventName = "SharedNamesChecked")]
        public static partial void Checked(ILogger logger, int httpsEndpoints, int upgradeEndpoints);

        [LoggerMessage(4, LogLevel.Information, "The endpoint {Address} reads the PROXY protocol and talks to its load balancer only, so this server cannot ask it for its certificate. See to it yourself that this shares no name with that of the upgrade endpoint {Endpoint}, where https is served over HTTP/1.1 (CVE-2025-49812).", EventName = "BehindProxy")]
        public static partial void BehindProxy(ILogger logger, string address, string endpoint);

        [LoggerMessage(2, LogLevel.Information, "Could not find out whether {Address} shares the name of a certificate with an upgrade endpoint.", EventName = "NotChecked")]
        public static partial void NotChecked(ILogger logger, string address, Exception exception);
    }
}
