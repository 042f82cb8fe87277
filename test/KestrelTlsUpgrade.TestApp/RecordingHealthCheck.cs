using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KestrelTlsUpgrade.TestApp;

public sealed class RecordingHealthCheck(HandlerCalls calls) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(HealthCheckResult.Healthy(calls.Record()));
}
