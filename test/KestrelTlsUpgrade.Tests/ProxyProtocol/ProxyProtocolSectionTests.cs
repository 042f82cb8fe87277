using System.Net;
using KestrelTlsUpgrade.ProxyProtocol;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Configuration;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Tests.ProxyProtocol;

public sealed class ProxyProtocolSectionTests
{
    [Fact]
    public void Read_EachKey_SetsItsOption()
    {
        var options = new ProxyProtocolOptions();
        Assert.Empty(Read(
            options,
            ("Enabled", "false"),
            ("KnownProxies:0", "10.0.0.2"),
            ("KnownProxies:1", "::1"),
            ("KnownIPNetworks:0", "10.1.0.0/16"),
            ("HeaderTimeout", "00:00:03")));
        Assert.False(options.Enabled);
        Assert.Equal([IPAddress.Parse("10.0.0.2"), IPAddress.IPv6Loopback], options.KnownProxies);
        Assert.Equal([IPNetwork.Parse("10.1.0.0/16")], options.KnownIPNetworks);
        Assert.Equal(TimeSpan.FromSeconds(3), options.HeaderTimeout);
    }

    [Fact]
    public void Read_SingleValues_AreListsOfOne()
    {
        var options = new ProxyProtocolOptions();
        Assert.Empty(Read(options, ("KnownProxies", "10.0.0.2"), ("KnownIPNetworks", "10.1.0.0/16")));
        Assert.Equal([IPAddress.Parse("10.0.0.2")], options.KnownProxies);
        Assert.Equal([IPNetwork.Parse("10.1.0.0/16")], options.KnownIPNetworks);
    }

    /// <summary>An endpoint that names its own proxies does not trust those of the host as well.</summary>
    [Theory]
    [InlineData("KnownProxies", "10.0.0.2")]
    [InlineData("KnownIPNetworks", "10.1.0.0/16")]
    public void Read_EitherList_ReplacesBoth(string key, string value)
    {
        var options = Trusting();
        Assert.Empty(Read(options, (key, value)));
        Assert.Equal([value], options.KnownProxies.Select(static proxy => proxy.ToString())
            .Concat(options.KnownIPNetworks.Select(static network => network.ToString())));
    }

    [Fact]
    public void Read_NeitherList_LeavesBoth()
    {
        var options = Trusting();
        Assert.Empty(Read(options, ("HeaderTimeout", "00:00:03")));
        AssertUnchanged(options);
    }

    [Theory]
    [InlineData("Enabled", "off", "true, false")]
    [InlineData("Enabled", "", "true, false")]
    [InlineData("KnownProxies", "10", "an address, such as 10.0.0.2")]
    [InlineData("KnownProxies:0", "010.0.0.2", "an address, such as 10.0.0.2")]
    [InlineData("KnownIPNetworks:0", "10/8", "a network, such as 10.0.0.0/24")]
    [InlineData("KnownIPNetworks", "10.0.0.1/24", "a network, such as 10.0.0.0/24")]
    [InlineData("HeaderTimeout", "-1", "a time of less than a day")]
    public void Read_ValueThatCannotBeRead_IsNamedAndLeavesWhatWas(string key, string value, string remedy)
    {
        var options = Trusting();
        var error = Assert.Single(Read(options, (key, value)));
        Assert.StartsWith($"Web:ProxyProtocol:{key} is '{value}'.", error, StringComparison.Ordinal);
        Assert.Contains(remedy, error);
        AssertUnchanged(options);
    }

    [Theory]
    [InlineData("KnownNetworks", "Did you mean KnownIPNetworks?")]
    [InlineData("Colour", "Use Enabled, KnownProxies, KnownIPNetworks, HeaderTimeout.")]
    public void Read_UnknownKey_IsNamed(string key, string remedy)
    {
        var options = Trusting();
        Assert.Equal($"Web:ProxyProtocol:{key} is not a setting. {remedy}", Assert.Single(Read(options, (key, "x"))));
        AssertUnchanged(options);
    }

    private static ProxyProtocolOptions Trusting() =>
        new() { KnownProxies = { IPAddress.Loopback }, KnownIPNetworks = { IPNetwork.Parse("192.0.2.0/24") } };

    private static void AssertUnchanged(ProxyProtocolOptions options)
    {
        Assert.True(options.Enabled);
        Assert.Equal([IPAddress.Loopback], options.KnownProxies);
        Assert.Equal([IPNetwork.Parse("192.0.2.0/24")], options.KnownIPNetworks);
    }

    private static List<string> Read(ProxyProtocolOptions options, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create($"Web:ProxyProtocol:{setting.Key}", (string?)setting.Value)))
            .Build();
        var errors = new List<string>();
        ProxyProtocolSection.Read(configuration.GetSection("Web:ProxyProtocol"), options, errors);
        return errors;
    }
}
