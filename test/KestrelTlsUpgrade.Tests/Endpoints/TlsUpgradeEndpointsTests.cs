using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Endpoints;

public sealed class TlsUpgradeEndpointsTests
{
    private readonly TlsUpgradeEndpoints _endpoints = new();

    [Fact]
    public void AddUpgradable_SameAddress_TakesThePlaceOfTheOneBefore()
    {
        var (first, second, other) = (new FakeEndpoint(), new FakeEndpoint(), new FakeEndpoint { Address = "http://127.0.0.1:8081" });
        _endpoints.AddUpgradable(first);
        _endpoints.AddUpgradable(other);
        _endpoints.AddUpgradable(second);
        Assert.Equal([other, second], _endpoints.Upgradable);
    }

    /// <summary>Whose address is not known yet is not the same endpoint.</summary>
    [Fact]
    public void AddUpgradable_DynamicAddress_TakesNoOnesPlace()
    {
        _endpoints.AddUpgradable(new FakeEndpoint { Address = "http://127.0.0.1:0" });
        _endpoints.AddUpgradable(new FakeEndpoint { Address = "http://127.0.0.1:0" });
        Assert.Equal(2, _endpoints.Upgradable.Count);
    }

    [Fact]
    public void RemoveUpgradable_IsGone()
    {
        var endpoint = new FakeEndpoint();
        _endpoints.AddUpgradable(endpoint);
        _endpoints.RemoveUpgradable(endpoint);
        Assert.Empty(_endpoints.Upgradable);
    }
}
