using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using KestrelTlsUpgrade.Tunnel.Internal.Target;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Policy;

public sealed class DestinationPolicyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<IPAddress> _own = [IPAddress.Parse("9.9.9.9"), IPAddress.Parse("2a00::9")];

    private DestinationPolicy Create(params string[] networks) => Create(new OwnAddresses(_time, () => [.. _own]), networks);

    private static DestinationPolicy Create(OwnAddresses own, params string[] networks) => Create(own, [], networks);

    private static DestinationPolicy Create(
        OwnAddresses own, (string Address, int Port)[] listening, string[] networks, params int[] allowedOwnPorts)
    {
        var options = new ConnectTunnelOptions();
        Array.ForEach(networks, network => options.AllowedNetworks.Add(IPNetwork.Parse(network)));
        Array.ForEach(allowedOwnPorts, options.AllowedOwnPorts.Add);
        return new(options, own, new OwnListeners(own, [new Listening([]), new Listening(listening)]));
    }

    private static string[] Filter(DestinationPolicy policy, params string[] addresses) =>
        [.. policy.Filter(addresses.Select(IPAddress.Parse), 443).Select(address => address.ToString())];

    [Fact]
    public void A20_Filter_LeavesOutWhatIsNotAllowed() =>
        Assert.Equal(["8.8.8.8", "2a00::1"], Filter(Create(), "127.0.0.1", "8.8.8.8", "10.0.0.1", "2a00::1", "::1", "8.8.8.8"));

    [Fact]
    public void P12_Filter_OwnAddresses_AreLeftOut() => Assert.Empty(Filter(Create(), "9.9.9.9", "2a00::9", "::ffff:9.9.9.9"));

    [Fact]
    public void P12_OwnAddresses_AreAskedForAgainAfterAWhile()
    {
        var policy = Create();
        Assert.Single(Filter(policy, "9.9.9.8"));
        _own.Add(IPAddress.Parse("9.9.9.8"));
        Assert.Single(Filter(policy, "9.9.9.8"));
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Empty(Filter(policy, "9.9.9.8"));
    }

    [Fact]
    public void A18_AllowedNetworks_GoOver()
    {
        var policy = Create("10.1.0.0/16", "9.9.9.9/32");
        Assert.Equal(["10.1.2.3", "9.9.9.9"], Filter(policy, "10.1.2.3", "::ffff:10.1.2.3", "10.2.0.1", "9.9.9.9", "64:ff9b::10.1.2.3"));
    }

    [Fact]
    public void P12_TunnelPort_IsNeverAllowed()
    {
        var own = new OwnAddresses(_time, () => [.. _own]);
        var policy = Create(own, "0.0.0.0/0", "::/0");
        own.AddTunnelPort(443);
        Assert.Equal(["8.8.8.8"], Filter(policy, "127.0.0.1", "::1", "0.0.0.0", "::", "9.9.9.9", "127.3.3.3", "8.8.8.8"));
        Assert.Single(policy.Filter([IPAddress.Loopback], 80));
    }

    [Theory]
    [InlineData("0.0.0.0", "")]
    [InlineData("::", "")]
    [InlineData("127.0.0.1", "::1 127.3.3.3 9.9.9.9 2a00::9")]
    [InlineData("::ffff:127.0.0.1", "::1 127.3.3.3 9.9.9.9 2a00::9")]
    [InlineData("::1", "127.0.0.1 127.3.3.3 9.9.9.9 2a00::9")]
    [InlineData("9.9.9.9", "127.0.0.1 ::1 127.3.3.3 2a00::9")]
    public void P12_PortOfTheProcess_IsAllowedOnOtherAddressesAndWhereItIsNamed(string bound, string others)
    {
        string[] all = ["127.0.0.1", "::1", "127.3.3.3", "9.9.9.9", "2a00::9", "8.8.8.8"];
        string[] allowed = [.. others.Split(' ', StringSplitOptions.RemoveEmptyEntries), "8.8.8.8"];
        string[] networks = ["0.0.0.0/0", "::/0"];
        var own = new OwnAddresses(_time, () => [.. _own]);
        var policy = Create(own, [(bound, 443)], networks);
        Assert.Equal(allowed, Filter(policy, all));
        Assert.Empty(Filter(policy, "0.0.0.0", "::"));
        Assert.Equal(all, policy.Filter(all.Select(IPAddress.Parse), 80).Select(static address => address.ToString()));
        Assert.Equal(all, Filter(Create(own, [(bound, 443)], networks, 443), all));

        // Naming a port allows nothing that is not allowed otherwise, and never the tunnel itself.
        Assert.Equal(["8.8.8.8"], Filter(Create(own, [(bound, 443)], [], 443), all));
        own.AddTunnelPort(443);
        Assert.Equal(["8.8.8.8"], Filter(Create(own, [(bound, 443)], networks, 443), all));
    }

    [Fact]
    public void P12_PortOfTheProcess_IsNotAskedForBeyondEither()
    {
        var own = new OwnAddresses(_time, () => [.. _own]);
        var policy = Create(own, [("::", 443)], ["0.0.0.0/0", "::/0"]);
        Assert.False(policy.IsAllowedBeyond(ConnectTarget.Parse("127.0.0.1:443")!));
        Assert.False(policy.IsAllowedBeyond(ConnectTarget.Parse("[::ffff:9.9.9.9]:443")!));
        Assert.False(policy.IsAllowedBeyond(ConnectTarget.Parse("localhost:443")!));
        Assert.True(policy.IsAllowedBeyond(ConnectTarget.Parse("localhost:80")!));
        Assert.True(policy.IsAllowedBeyond(ConnectTarget.Parse("10.0.0.1:443")!));
    }

    [Theory]
    [InlineData("a.test:443", true)]
    [InlineData("localhost:443", false)]
    [InlineData("x.localhost.:443", false)]
    [InlineData("127.0.0.1:443", false)]
    [InlineData("[64:ff9b::7f00:1]:443", false)]
    [InlineData("8.8.8.8:443", true)]
    public void IsAllowedBeyond_IsForWhatIsNoName(string authority, bool expected) =>
        Assert.Equal(expected, Create().IsAllowedBeyond(ConnectTarget.Parse(authority)!));

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    public void CallerPolicy_IsLocal_IsLoopback(string address, bool expected) =>
        Assert.Equal(expected, CallerAuthorization.IsLocal(new IPEndPoint(IPAddress.Parse(address), 1)));

    [Fact]
    public void CallerPolicy_IsLocal_UnixDomainSocketIsAndNothingIsNot()
    {
        Assert.True(CallerAuthorization.IsLocal(new UnixDomainSocketEndPoint("/tmp/x")));
        Assert.False(CallerAuthorization.IsLocal(null));
        Assert.False(CallerAuthorization.IsLocal(new DnsEndPoint("localhost", 1)));
    }

    [Fact]
    public void P32_TunnelLimits_CountInTotalAndByCaller()
    {
        var limits = new TunnelLimits(maxTunnels: 3, maxTunnelsPerCaller: 2);
        static IPEndPoint From(string address) => new(IPAddress.Parse(address), 1);
        var first = limits.TryEnter(From("1.1.1.1"));
        Assert.NotNull(first);
        Assert.NotNull(limits.TryEnter(From("::ffff:1.1.1.1")));
        Assert.Null(limits.TryEnter(From("1.1.1.1")));
        Assert.NotNull(limits.TryEnter(From("2a00::1")));
        Assert.Null(limits.TryEnter(From("2.2.2.2")));
        first.Dispose();
        first.Dispose();
        Assert.NotNull(limits.TryEnter(From("2a00::2")));
        Assert.Null(limits.TryEnter(From("3.3.3.3")));
    }

    [Fact]
    public void P32_TunnelLimits_PlaceGivenBack_IsFreeForTheSameCaller()
    {
        var limits = new TunnelLimits(maxTunnels: 9, maxTunnelsPerCaller: 2);
        var caller = new IPEndPoint(IPAddress.Loopback, 1);
        for (var i = 0; i < 3; i++)
        {
            var places = new[] { limits.TryEnter(caller), limits.TryEnter(caller) };
            Assert.Null(limits.TryEnter(caller));
            Assert.All(places, static place => place!.Dispose());
        }

        var others = Enumerable.Range(1, 10).Select(i => limits.TryEnter(new IPEndPoint(new IPAddress([10, 0, 0, (byte)i]), 1))).ToArray();
        Assert.All(others[..9], Assert.NotNull);
        Assert.Null(others[9]);
    }

    [Fact]
    public void P32_TunnelLimits_IPv6CallersCountByNetwork()
    {
        var limits = new TunnelLimits(maxTunnels: 9, maxTunnelsPerCaller: 1);
        static IPEndPoint From(string address) => new(IPAddress.Parse(address), 1);
        Assert.NotNull(limits.TryEnter(From("2a00::1")));
        Assert.Null(limits.TryEnter(From("2a00::2")));
        Assert.NotNull(limits.TryEnter(From("2a00:0:0:1::1")));
        Assert.NotNull(limits.TryEnter(new UnixDomainSocketEndPoint("/tmp/x")));
        Assert.Null(limits.TryEnter(new UnixDomainSocketEndPoint("/tmp/y")));
    }

    private sealed class Listening((string Address, int Port)[] sockets) : IListeningSockets
    {
        public IReadOnlyCollection<IPAddress> Find(int port) =>
            [.. sockets.Where(socket => socket.Port == port).Select(static socket => IPAddress.Parse(socket.Address))];
    }
}
