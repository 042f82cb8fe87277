using System.Diagnostics.Metrics;

namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>The meters of handlers whose requests are not an application's, and must not be counted as such.</summary>
internal sealed class UnobservedMeters : IMeterFactory
{
    private static readonly Meter Meter = new("KestrelTlsUpgrade.Client.Unobserved");

    public static UnobservedMeters Instance { get; } = new();

    public Meter Create(MeterOptions options) => Meter;

    public void Dispose()
    {
    }
}
