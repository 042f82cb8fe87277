using System.Diagnostics;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Tests.Telemetry;

public sealed class RequestWatchTests
{
    [Fact]
    public void IsActive_NobodyListens_IsFalseAndAllocatesNothing()
    {
        using var factory = new TestMeterFactory();
        using var activities = new ActivitySource(nameof(RequestWatchTests));
        using var limiter = new CallerLogLimiter(TimeProvider.System);
        var log = new RequestLog(limiter, NullLoggerFactory.Instance);
        var observers = new TlsUpgradeObservers([new TlsUpgradeMetrics(factory), log]);
        var watch = new RequestTelemetry(observers, Options.Create(new W3CLoggerOptions()), activities);
        Assert.False(watch.IsActive);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var isActive = false;
        for (var i = 0; i < 1000; i++)
        {
            isActive |= watch.IsActive;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.False(isActive);
    }

    [Fact]
    public void IsActive_SomebodyTraces_IsTrue()
    {
        using var activities = new ActivitySource(nameof(RequestWatchTests));
        using var listener = new ActivityListener { ShouldListenTo = source => ReferenceEquals(source, activities) };
        var watch = new RequestTelemetry(new TlsUpgradeObservers([]), Options.Create(new W3CLoggerOptions()), activities);
        Assert.False(watch.IsActive);
        ActivitySource.AddActivityListener(listener);
        Assert.True(watch.IsActive);
    }
}
