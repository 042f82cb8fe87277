using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tests.Support;

internal sealed class FakeMetricsTags : IConnectionMetricsTagsFeature
{
    public ICollection<KeyValuePair<string, object?>> Tags { get; } = [];
}
