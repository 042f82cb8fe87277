using KestrelTlsUpgrade.Internal.Plaintext;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Tests.Plaintext;

public sealed class PlaintextFeaturesTests : IAsyncDisposable
{
    private readonly TestConnection _inner = new();
    private readonly PlaintextConnection _phase;

    public PlaintextFeaturesTests()
    {
        _inner.Context.Features.Set<IDecrementConcurrentConnectionCountFeature>(new FakeConnectionCount());
        _phase = new PlaintextConnection(UpgradeConnections.Create(_inner.Context));
    }

    public static TheoryData<Type> OwnKeys { get; } =
    [
        typeof(ITlsUpgradeFeature),
        typeof(IConnectionHeartbeatFeature),
        typeof(IConnectionTransportFeature),
        typeof(IConnectionItemsFeature),
        typeof(IConnectionMetricsTagsFeature),
        typeof(IDecrementConcurrentConnectionCountFeature),
    ];

    public ValueTask DisposeAsync() => _phase.DisposeAsync();

    [Theory]
    [MemberData(nameof(OwnKeys))]
    public void Get_OwnFeature_IsThePhase(Type key)
    {
        Assert.Same(_phase, Features[key]);
        Assert.NotSame(_phase, _inner.Context.Features[key]);
    }

    [Theory]
    [InlineData(typeof(IConnectionMetricsTagsFeature))]
    [InlineData(typeof(IDecrementConcurrentConnectionCountFeature))]
    public void Get_FeatureThatTheConnectionLacks_IsNull(Type key)
    {
        _inner.Context.Features[key] = null;
        var features = new PlaintextConnection(UpgradeConnections.Create(_inner.Context)).Features;

        Assert.Null(features[key]);
        Assert.DoesNotContain(key, features.Select(static feature => feature.Key));
    }

    [Fact]
    public void Get_InnerFeature_IsThatOfTheConnection()
    {
        Assert.Same(_inner.Lifetime, Features.Get<IConnectionLifetimeNotificationFeature>());
        Assert.Same(_inner.Context.Features.Get<IConnectionIdFeature>(), Features.Get<IConnectionIdFeature>());
    }

    [Fact]
    public void Get_InnerFeatureSetLater_IsSeen()
    {
        _inner.Context.Features.Set("later");

        Assert.Equal("later", Features.Get<string>());
    }

    [Fact]
    public void Get_UnknownFeature_IsNull() => Assert.Null(Features.Get<string>());

    [Fact]
    public void Set_Feature_StaysInThePhase()
    {
        Features.Set("mine");

        Assert.Equal("mine", Features.Get<string>());
        Assert.Null(_inner.Context.Features.Get<string>());
    }

    [Fact]
    public void Set_InnerFeature_ReplacesItUntilItIsTakenAway()
    {
        _inner.Context.Features.Set("inner");

        Features.Set("mine");
        Assert.Equal("mine", Features.Get<string>());
        Assert.Equal("inner", _inner.Context.Features.Get<string>());

        Features.Set<string>(null);
        Assert.Null(Features.Get<string>());
    }

    [Fact]
    public void Set_OwnFeature_ReplacesItUntilItIsTakenAway()
    {
        var heartbeat = new FakeHeartbeat();

        Features.Set<IConnectionHeartbeatFeature>(heartbeat);
        Assert.Same(heartbeat, Features.Get<IConnectionHeartbeatFeature>());
        Assert.Same(_inner.Heartbeat, _inner.Context.Features.Get<IConnectionHeartbeatFeature>());

        Features.Set<IConnectionHeartbeatFeature>(null);
        Assert.Null(Features.Get<IConnectionHeartbeatFeature>());
    }

    [Fact]
    public void GiveBack_FeaturesSetAndTakenAway_AreLeftToTheConnection()
    {
        _inner.Context.Features.Set("inner");
        _inner.Context.Features.Set(new Version(1, 0));
        Features.Set<string>(null);
        Features.Set(new Version(2, 0));
        Features.Set<IConnectionHeartbeatFeature>(_phase);
        Assert.Null(Features.Get<string>());
        Assert.Equal("inner", _inner.Context.Features.Get<string>());

        _phase.End();

        Assert.Null(_inner.Context.Features.Get<string>());
        Assert.Equal(new Version(2, 0), _inner.Context.Features.Get<Version>());
        Assert.Same(_inner.Heartbeat, _inner.Context.Features.Get<IConnectionHeartbeatFeature>());
    }

    [Fact]
    public void IsReadOnly_Always_IsFalse() => Assert.False(Features.IsReadOnly);

    [Fact]
    public void Revision_OwnOrInnerChange_Grows()
    {
        var before = Features.Revision;

        Features.Set("mine");
        var afterOwn = Features.Revision;
        _inner.Context.Features.Set("inner");

        Assert.True(afterOwn > before);
        Assert.True(Features.Revision > afterOwn);
    }

    [Fact]
    public void GetEnumerator_AllFeatures_EachOnceAsGetGivesThem()
    {
        _inner.Context.Features.Set("inner");
        _inner.Context.Features.Set(new Uri("http://inner"));
        Features.Set("mine");
        Features.Set<IConnectionIdFeature>(_inner.Context);

        var all = Features.ToList();

        Assert.Equal(all.Count, all.DistinctBy(static feature => feature.Key).Count());
        Assert.All(all, feature => Assert.Same(Features[feature.Key], feature.Value));
        var inner = _inner.Context.Features.Select(static feature => feature.Key);
        Assert.Superset(
            inner.Concat(OwnKeys.Select(static row => row.Data)).ToHashSet(),
            all.Select(static feature => feature.Key).ToHashSet());
        Assert.Equal("mine", all.Single(static feature => feature.Key == typeof(string)).Value);
    }

    [Fact]
    public void Get_UpgradeFeature_SaysPlaintext()
    {
        var feature = Features.Get<ITlsUpgradeFeature>();

        Assert.NotNull(feature);
        Assert.Equal(TlsUpgradeState.Plaintext, feature.State);
        Assert.Null(feature.Token);
        Assert.False(feature.IsReplayedRequest);
        Assert.False(feature.IsAwareClient);
        Assert.False(feature.IsConfirmedRequest);
    }

    private IFeatureCollection Features => _phase.Features;
}
