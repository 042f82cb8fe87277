using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tests.Telemetry;

public sealed class ConnectionTagsTests
{
    private readonly TestConnection _connection = new();

    [Fact]
    public void Add_WhatIsThereAlready_StandsAndIsNotRepeated()
    {
        _connection.MetricsTags.Tags.Add(new("error.type", "tls_handshake_failed"));
        _connection.MetricsTags.Tags.Add(new("tls_upgrade.outcome", "of the application"));
        ConnectionTags.Add(new(
            _connection.Context, ConnectionOutcome.Failed, Internal.Telemetry.TlsStart.FirstByte, FailureCause.Timeout));
        Assert.Equal(
            ["error.type=tls_handshake_failed", "tls_upgrade.outcome=of the application", "tls_upgrade.start=first_byte"],
            _connection.MetricsTags.Tags.Select(static tag => $"{tag.Key}={tag.Value}"));
    }

    [Fact]
    public void Add_NobodyMeasuresConnections_NothingIsDone()
    {
        _connection.Context.Features.Set<IConnectionMetricsTagsFeature>(null);
        ConnectionTags.Add(new(_connection.Context, ConnectionOutcome.Plaintext));
        Assert.Empty(_connection.MetricsTags.Tags);
    }
}
