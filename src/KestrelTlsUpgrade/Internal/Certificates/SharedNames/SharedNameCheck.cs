using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>
/// Finds endpoints that an upgrade endpoint puts at risk: those that serve https over HTTP/1.1 with a certificate that shares a name with
/// it. An attacker on the path can attach their clients to an upgrade, and the upgrade endpoint cannot distinguish such a client from one
/// that knows about the upgrade (CVE-2025-49812).
/// </summary>
/// <remarks>
/// Https clients are safe if no name has both a Compatible upgrade and https with HTTP/1.1, on any port, process or instance, also while
/// settings change. This check only covers its own process. It compares the upgrade endpoints of this host with the endpoints of all hosts
/// in the process that have <c>AddTlsUpgrade()</c>, whenever one of them starts or its endpoints change. An outcome is logged once per pair
/// of endpoints, and again if it changes. Certificates that the code of an https endpoint selects for a name that no other certificate and
/// no <c>Sni</c> section has are not found.
/// </remarks>
internal sealed partial class SharedNameCheck(
    IServer server, IOptions<KestrelServerOptions> kestrel, TlsUpgradeEndpoints endpoints, ServersInProcess servers, ILoggerFactory loggers)
    : LifecycleService, IDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.SharedNames);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly ReportedOutcomes _reported = new();
    private Task _work = Task.CompletedTask;
    private bool _isDue;
    private RunningServer? _own;

    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        _own = new RunningServer(server, kestrel.Value, endpoints);
        endpoints.Changed += OnChanged;
        servers.Changed += Check;
        servers.Add(_own);
        return Task.CompletedTask;
    }

    public override async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (TryEnd())
        {
            Leave();
            await _stop.CancelAsync();
            await _work;
        }
    }

    public void Dispose()
    {
        // A host that failed to start is not stopped.
        if (TryEnd())
        {
            Leave();
            _stop.Cancel();
        }

        _stop.Dispose();
    }

    private void Leave()
    {
        endpoints.Changed -= OnChanged;
        servers.Changed -= Check;
        if (_own is not null)
        {
            servers.Remove(_own);
        }
    }

    private void OnChanged(IUpgradeEndpoint? changed) => servers.OnChanged();

    /// <summary>Runs in the background, one check at a time. Start-up and requests do not wait for it.</summary>
    private void Check()
    {
        lock (_lock)
        {
            if (!_isDue && !_stop.IsCancellationRequested)
            {
                _isDue = true;
                var before = _work;
                _work = Task.Run(() => CheckAfterAsync(before), CancellationToken.None);
            }
        }
    }

    private async Task CheckAfterAsync(Task before)
    {
        await before;
        lock (_lock)
        {
            _isDue = false;
        }

        try
        {
            await CheckAsync();
        }
        catch (Exception exception)
        {
            ReportFailure("all", "an endpoint", exception);
        }
    }

    private async Task CheckAsync()
    {
        var all = servers.All;
        using var others = new HttpsEndpoints(all, _stop.Token);
        _reported.Begin();
        foreach (var endpoint in _own!.Upgradable)
        {
            if (endpoint.Settings is { Options.UpgradesUnawareClients: true } settings)
            {
                await CheckAsync(endpoint.Address, new KnownCertificates(settings), others.All.Where(other => other.Upgrade != endpoint));
            }
        }

        Log.Checked(_logger, others.All.Count(static other => other.Upgrade is null), all.Sum(static running => running.Upgradable.Count()));
    }

    /// <summary>Compares an upgrade endpoint with all other endpoints.</summary>
    private async Task CheckAsync(string endpoint, KnownCertificates certificates, IEnumerable<HttpsEndpoints.Entry> others)
    {
        var notKnown = new List<string>();
        foreach (var other in others)
        {
            if (other.IsBehindProxy)
            {
                if (_reported.IsNew($"{endpoint} {other.Address}", nameof(Log.BehindProxy)))
                {
                    Log.BehindProxy(_logger, other.Address, endpoint);
                }
            }
            else if (await CheckAsync(endpoint, certificates, other))
            {
                notKnown.Add(other.Address);
            }
        }

        var addresses = string.Join(", ", notKnown);
        if (certificates.Code is { } code && notKnown.Count > 0 && _reported.IsNew(endpoint, $"{code} {addresses}"))
        {
            Log.CertificatesFromCode(_logger, endpoint, code, addresses);
        }
    }

    /// <summary>Returns whether the other endpoint serves https over HTTP/1.1 and no shared name was found.</summary>
    private async Task<bool> CheckAsync(string endpoint, KnownCertificates certificates, HttpsEndpoints.Entry other)
    {
        var pair = $"{endpoint} {other.Address}";
        try
        {
            var (name, servesHttp1, hasOthers) = await SharedNameSearch.RunAsync(certificates, other.Endpoint);
            if (name is not null)
            {
                if (_reported.IsNew(pair, name))
                {
                    Log.SharedName(_logger, other.Address, name, endpoint);
                }
            }
            else if (hasOthers && _reported.IsNew(pair, nameof(Log.NamesNotKnown)))
            {
                Log.NamesNotKnown(_logger, other.Address, endpoint);
            }

            return name is null && servesHttp1;
        }
        catch (Exception exception)
        {
            if (servers.All.Contains(other.Server))
            {
                ReportFailure(pair, other.Address, exception);
            }

            return false;
        }
    }

    private void ReportFailure(string subject, string address, Exception exception)
    {
        if (!_stop.IsCancellationRequested && _reported.IsNew(subject, exception.Message))
        {
            Log.NotChecked(_logger, address, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The endpoint {Address} serves https over HTTP/1.1 with a certificate for {Name}, and so does the upgrade endpoint {Endpoint} after an upgrade. An attacker on the path can attach clients of the first to an upgrade of the second (CVE-2025-49812). Give the upgrade endpoint its own certificate and name, set its AcceptedClients to AwareOnly, or serve HTTP/2 only on {Address}.", EventName = "SharedName")]
        public static partial void SharedName(ILogger logger, string address, string name, string endpoint);

        [LoggerMessage(2, LogLevel.Information, "Could not determine whether {Address} shares a certificate name with an upgrade endpoint.", EventName = "NotChecked")]
        public static partial void NotChecked(ILogger logger, string address, Exception exception);

        [LoggerMessage(3, LogLevel.Debug, "Compared the certificates of {HttpsEndpoints} https endpoints with those of {UpgradeEndpoints} upgrade endpoints.", EventName = "SharedNamesChecked")]
        public static partial void Checked(ILogger logger, int httpsEndpoints, int upgradeEndpoints);

        [LoggerMessage(4, LogLevel.Information, "The endpoint {Address} reads the PROXY protocol and accepts only its load balancer, so this server cannot request its certificate. If it serves https over HTTP/1.1, make sure that its certificate shares no name with that of the upgrade endpoint {Endpoint} (CVE-2025-49812).", EventName = "BehindProxy")]
        public static partial void BehindProxy(ILogger logger, string address, string endpoint);

        [LoggerMessage(5, LogLevel.Information, "The upgrade endpoint {Endpoint} chooses its certificate in code ({Setting}), so not all of its names are known, and {Addresses} serves https over HTTP/1.1. Make sure that {Setting} returns no certificate for a name of {Addresses}, or set AcceptedClients of the upgrade endpoint to AwareOnly (CVE-2025-49812).", EventName = "CertificatesFromCode")]
        public static partial void CertificatesFromCode(ILogger logger, string endpoint, string setting, string addresses);

        [LoggerMessage(6, LogLevel.Information, "The endpoint {Address} presents certificates only for certain server names, and none of them is known here. If it serves HTTP/1.1, check the code that chooses its certificates, and make sure that none has a name of the upgrade endpoint {Endpoint} (CVE-2025-49812).", EventName = "NamesNotKnown")]
        public static partial void NamesNotKnown(ILogger logger, string address, string endpoint);
    }
}
