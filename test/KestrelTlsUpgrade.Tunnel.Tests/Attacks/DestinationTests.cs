using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Tests.Support;

namespace KestrelTlsUpgrade.Tunnel.Tests.Attacks;

/// <summary>Ways into networks that the proxy stands in.</summary>
public sealed class DestinationTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.3.2.1")]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("100.64.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("0.0.0.0")]
    [InlineData("[::1]")]
    [InlineData("[::]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::127.0.0.1]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("[64:ff9b:1::7f00:1]")]
    [InlineData("[2002:7f00:1::]")]
    [InlineData("[2001:0:808:808:0:0:80ff:fffe]")]
    [InlineData("[fe80::1]")]
    [InlineData("[fc00::1]")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("[ff02::1]")]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    [InlineData("LOCALHOST")]
    [InlineData("a.localhost")]
    public async Task A18_NotPublic_403AndNameNotAskedFor(string host)
    {
        var resolver = new FakeResolver();
        await using var proxy = await TunnelProxy.StartClosedAsync(services: services => services.Resolve(resolver));
        Assert.Equal(403, (await proxy.RefusedTargetAsync($"{host}:443")).Status);
        Assert.Equal(403, (await proxy.RefusedTargetAsync($"{host}:80")).Status);
        Assert.Equal(0, resolver.Count);
    }

    [Fact]
    public async Task A18_NameOfAnAddressThatIsNotPublic_403AndNoConnection()
    {
        await using var origin = Origin.Echo();
        var resolver = new FakeResolver().Add("a.test", ["127.0.0.1"]).Add("b.test", ["::ffff:127.0.0.1", "::1", "10.0.0.1"]);
        await using var proxy = await TunnelProxy.StartClosedAsync(
            options => options.AllowedPorts.Add(origin.Port), services: services => services.Resolve(resolver));
        Assert.Equal(403, (await proxy.RefusedTargetAsync($"a.test:{origin.Port}")).Status);
        Assert.Equal(403, (await proxy.RefusedTargetAsync($"b.test:{origin.Port}")).Status);
        Assert.Equal(0, origin.Count);
    }

    [Fact]
    public async Task A18_TheAddressesOfThisMachine_403()
    {
        await using var proxy = await TunnelProxy.StartClosedAsync();
        var own = System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(entry => new System.Net.IPAddress(entry.Address.GetAddressBytes()));
        foreach (var address in own)
        {
            var host = address.ToString();
            Assert.Equal(403, (await proxy.RefusedTargetAsync(host.Contains(':') ? $"[{host}]:443" : $"{host}:443")).Status);
        }
    }

    [Fact]
    public async Task A20_Rebinding_ConnectsToTheAddressThatWasChecked()
    {
        await using var allowed = Origin.Echo("127.0.0.5");
        var resolver = new FakeResolver().Add("a.test", ["127.0.0.5"], ["127.0.0.1"]);
        await using var proxy = await TunnelProxy.StartClosedAsync(
            options =>
            {
                options.AllowedNetworks.Add(System.Net.IPNetwork.Parse("127.0.0.5/32"));
                options.AllowedPorts.Add(allowed.Port);
                options.AllowedOwnPorts.Add(allowed.Port);
            },
            services: services => services.Resolve(resolver));
        await using (var connection = await proxy.TunnelAsync($"a.test:{allowed.Port}"))
        {
            Assert.Equal(1, resolver.Count);
            Assert.Equal(1, allowed.Count);
        }

        // The second answer is another address, and checked for itself.
        Assert.Equal(403, (await proxy.RefusedTargetAsync($"a.test:{allowed.Port}")).Status);
        Assert.Equal(1, allowed.Count);
    }

    [Fact]
    public async Task A20_MixedAnswer_ConnectsOnlyToWhatIsAllowed()
    {
        await using var allowed = Origin.Echo("127.0.0.5");
        var resolver = new FakeResolver().Add("a.test", ["127.0.0.1", "::1", "10.0.0.1", "127.0.0.5"]);
        await using var proxy = await TunnelProxy.StartClosedAsync(
            options =>
            {
                options.AllowedNetworks.Add(System.Net.IPNetwork.Parse("127.0.0.5/32"));
                options.AllowedPorts.Add(allowed.Port);
                options.AllowedOwnPorts.Add(allowed.Port);
            },
            services: services => services.Resolve(resolver));
        await using var connection = await proxy.TunnelAsync($"a.test:{allowed.Port}");
        Assert.Equal(1, allowed.Count);
    }
}
