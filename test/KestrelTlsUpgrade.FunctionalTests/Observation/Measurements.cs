using System.Diagnostics.Metrics;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Observation;

/// <summary>What one instrument of one server measures.</summary>
internal sealed class Measurements<T> : IDisposable
    where T : struct
{
    private readonly MetricCollector<T> _collector;

    public Measurements(UpgradeServer server, string instrument, string meter = "KestrelTlsUpgrade") =>
        _collector = new(server.Services.GetRequiredService<IMeterFactory>(), meter, instrument);

    public IReadOnlyList<CollectedMeasurement<T>> All => _collector.GetMeasurementSnapshot();

    /// <summary>Waits until there are so many, and returns their tags, as text in the order of their names.</summary>
    public async Task<string[]> WaitForAsync(int count)
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        await _collector.WaitForMeasurementsAsync(count, timeout.Token);
        return [.. All.Select(measurement => Format(measurement.Tags))];
    }

    public void Dispose() => _collector.Dispose();

    private static string Format(IEnumerable<KeyValuePair<string, object?>> tags) =>
        string.Join(' ', tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));
}
