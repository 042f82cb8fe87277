using KestrelTlsUpgrade.ProxyProtocol;

namespace KestrelTlsUpgrade.Tests.ProxyProtocol;

public sealed class ProxyProtocolOptionsTests
{
    [Fact]
    public void HeaderTimeout_Default_IsFiveSeconds() => Assert.Equal(TimeSpan.FromSeconds(5), new ProxyProtocolOptions().HeaderTimeout);

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    public void HeaderTimeout_NeitherPositiveNorInfinite_Throws(int milliseconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new ProxyProtocolOptions { HeaderTimeout = TimeSpan.FromMilliseconds(milliseconds) });

    [Fact]
    public void HeaderTimeout_Infinite_IsKept() =>
        Assert.Equal(Timeout.InfiniteTimeSpan, new ProxyProtocolOptions { HeaderTimeout = Timeout.InfiniteTimeSpan }.HeaderTimeout);

    [Fact]
    public void KnownProxies_Default_IsNobody()
    {
        Assert.Empty(new ProxyProtocolOptions().KnownProxies);
        Assert.Empty(new ProxyProtocolOptions().KnownIPNetworks);
    }
}
