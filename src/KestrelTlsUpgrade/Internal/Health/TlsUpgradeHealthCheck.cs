using System.Globalization;
using System.Security.Cryptography;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KestrelTlsUpgrade.Internal.Health;

/// <summary>Reports whether the upgrade endpoints work, and whether their certificates will expire soon.</summary>
internal sealed class TlsUpgradeHealthCheck(
    TlsUpgradeEndpoints? endpoints, HandshakeTally handshakes, TlsUpgradeHealthCheckOptions options, ServerClock clock)
    : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var failures = new List<string>();
        var warnings = new List<string>();
        var notes = new List<string>();
        var data = new Dictionary<string, object>();
        if (endpoints is not { Upgradable.Count: > 0 })
        {
            failures.Add("No endpoint upgrades connections. Call UseTlsUpgrade().");
        }
        else if (!endpoints.Upgradable.Any(static endpoint => endpoint.Settings is { Options.Enabled: true }))
        {
            // The operator has switched it off, on purpose.
            notes.Add("No endpoint upgrades connections: all have Enabled = false.");
        }

        foreach (var endpoint in endpoints?.Upgradable ?? [])
        {
            if (endpoint.ReloadFailure is { } failure)
            {
                warnings.Add($"{endpoint.Address} keeps its previous settings: {failure}");
            }

            foreach (var loaded in endpoint.Settings?.Certificates.SelectMany(static loaded => loaded.WithIssuers()) ?? [])
            {
                Check(loaded, failures, warnings, data);
            }
        }

        data["stale"] = endpoints is not null && endpoints.Upgradable.Any(static endpoint => endpoint.ReloadFailure is not null);
        CountHandshakes(warnings, data);
        var (status, words) = failures.Count > 0 ? (context.Registration.FailureStatus, failures.Concat(warnings))
            : warnings.Count > 0 ? (HealthStatus.Degraded, warnings)
            : (HealthStatus.Healthy, notes);
        var description = string.Join(' ', words.Distinct());
        return Task.FromResult(new HealthCheckResult(status, description.Length == 0 ? null : description, data: data));
    }

    private void Check(LoadedCertificate loaded, List<string> failures, List<string> warnings, Dictionary<string, object> data)
    {
        var (certificate, _, origin) = loaded;
        var now = clock.TimeProvider.GetUtcNow();
        try
        {
            data[$"certificate of {origin}"] = certificate.NotAfter.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
            if (CertificateValidity.FindFault(certificate, now) is { } fault)
            {
                failures.Add($"The certificate of {origin} {fault}");
            }
            else if (certificate.NotAfter - now <= (options.CertificateReminder ?? CertificateValidity.GetReminder(certificate)))
            {
                warnings.Add($"The certificate of {origin} expires on {certificate.NotAfter.ToUniversalTime():u}. Renew it.");
            }
        }
        catch (CryptographicException exception)
        {
            failures.Add($"The certificate of {origin} cannot be read: {exception.Message}");
        }
    }

    private void CountHandshakes(List<string> warnings, Dictionary<string, object> data)
    {
        var summary = handshakes.Count();
        var (all, failed, causes, callers) = summary;
        var failing = summary.CountFailing(options.MaxFailureRate);
        data["handshakes"] = all;
        data["failed handshakes"] = failed;
        data["callers"] = callers.Count;
        data["failing callers"] = failing;
        if (all >= options.MinHandshakes
            && failing >= options.MinCallers
            && (double)failed / all > options.MaxFailureRate
            && (double)failing / callers.Count > options.MaxFailureRate)
        {
            // Why offers are declined is another cause, if it was within these minutes.
            var first = causes.Select(static counted => counted.Cause).FirstOrDefault(static cause => cause is not FailureCause.FellBack, FailureCause.FellBack);
            var words = causes.Select(static counted => string.Create(
                CultureInfo.InvariantCulture, $"{FailureDescription.Of(counted.Cause).Tag} {counted.Count}"));
            warnings.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{failed} of {all} TLS handshakes of the last five minutes failed, those of {failing} of {callers.Count} callers: {string.Join(", ", words)}. {FailureDescription.Of(first).Meaning}"));
        }
    }
}
