using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Tls;

public sealed class HelloVerdictTests
{
    private const string Options = "OPTIONS * HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    private const string Get = "GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    private const string Mark = "http/1.1-upgraded";

    private static readonly ClientRules Compatible = UpgradeConnections.DefaultRules;
    private static readonly ClientRules AwareOnly = Compatible with { AcceptedClients = TlsUpgradeClientMode.AwareOnly };

    [Theory]
    [InlineData("http/1.1", FailureCause.None, FailureCause.UnmarkedClient)]
    [InlineData("", FailureCause.None, FailureCause.UnmarkedClient)]
    [InlineData("foo", FailureCause.None, FailureCause.UnmarkedClient)]
    [InlineData("http/1.1,h2", FailureCause.Http2Offered, FailureCause.Http2Offered)]
    [InlineData("h3", FailureCause.Http2Offered, FailureCause.Http2Offered)]
    [InlineData("h2c,http/1.1", FailureCause.Http2Offered, FailureCause.Http2Offered)]
    [InlineData("http/1.1-upgraded,h2", FailureCause.Http2Offered, FailureCause.Http2Offered)]
    [InlineData("http/1.1-upgraded,http/1.1", FailureCause.None, FailureCause.None)]
    internal void Of_OptionsAsterisk_IsJudgedByItsProtocols(string protocols, FailureCause compatible, FailureCause awareOnly)
    {
        var hello = Hello("shop.example", protocols);
        Assert.Equal(compatible, HelloVerdict.Of(hello, Upgrade(Options), Compatible).Refusal);
        Assert.Equal(awareOnly, HelloVerdict.Of(hello, Upgrade(Options), AwareOnly).Refusal);
    }

    [Theory]
    [InlineData(Options)]
    [InlineData(Get)]
    public void Of_MarkOfTheRequest_ConfirmsIt(string head)
    {
        foreach (var rules in new[] { Compatible, AwareOnly })
        {
            var verdict = HelloVerdict.Of(Hello("shop.example", $"{MarkOf(head)},{Mark},http/1.1"), Upgrade(head), rules);
            Assert.Equal(new HelloVerdict(FailureCause.None, IsConfirmed: true), verdict);
        }
    }

    [Theory]
    [InlineData(Options, Get, true)]
    [InlineData(Get, Options, true)]
    [InlineData(Get, "GET /b HTTP/1.1\r\nHost: shop.example\r\n\r\n", true)]
    [InlineData(Get, "GET /a HTTP/1.1\r\nHost: shop.example\r\nCookie: a=b\r\n\r\n", true)]
    [InlineData(Get, Get, false)]
    public void Of_MarkThatIsNotOfTheRequest_IsRefused(string written, string received, bool isHinted)
    {
        // The plain mark beside it changes nothing.
        foreach (var protocols in new[] { MarkOf(written), $"{MarkOf(written)},{Mark},http/1.1" })
        {
            foreach (var rules in new[] { Compatible, AwareOnly })
            {
                var verdict = HelloVerdict.Of(Hello("shop.example", protocols), Upgrade(received, isHinted), rules);
                Assert.Equal(FailureCause.MarkMismatch, verdict.Refusal);
            }
        }
    }

    [Fact]
    public void Of_SecondMarkBesideTheRightOne_IsRefused() => Assert.Equal(
        FailureCause.MarkMismatch,
        HelloVerdict.Of(Hello("shop.example", $"{MarkOf(Get)},{MarkOf(Options)}"), Upgrade(Get), Compatible).Refusal);

    [Fact]
    public void Of_PlainMark_IsEnoughForOptionsAsteriskOnly()
    {
        Assert.Equal(FailureCause.MarkMismatch, HelloVerdict.Of(Hello("shop.example", Mark), Upgrade(Get), Compatible).Refusal);
        Assert.Equal(FailureCause.MarkMismatch, HelloVerdict.Of(Hello("shop.example", Mark), Upgrade(Get), AwareOnly).Refusal);
        Assert.Equal(new HelloVerdict(FailureCause.None), HelloVerdict.Of(Hello("shop.example", Mark), Upgrade(Options), AwareOnly));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Of_HelloOfABrowser_IsRefusedUnlessItIsMarked(bool grease, bool encryptedHello)
    {
        var hello = Hello("shop.example", "http/1.1");
        (hello.HasGrease, hello.HasEncryptedHello) = (grease, encryptedHello);
        Assert.Equal(FailureCause.BrowserHello, HelloVerdict.Of(hello, Upgrade(Get), Compatible).Refusal);
        Assert.Equal(FailureCause.UnmarkedClient, HelloVerdict.Of(hello, Upgrade(Get), AwareOnly).Refusal);

        hello = Hello("shop.example", MarkOf(Get));
        (hello.HasGrease, hello.HasEncryptedHello) = (grease, encryptedHello);
        Assert.Equal(FailureCause.None, HelloVerdict.Of(hello, Upgrade(Get), Compatible).Refusal);
    }

    [Theory]
    [InlineData("shop.example", "shop.example", FailureCause.None)]
    [InlineData("SHOP.example", "shop.Example", FailureCause.None)]
    [InlineData("shop.example", "shop.example.", FailureCause.None)]
    [InlineData("xn--mller-kva.example", "xn--mller-kva.example", FailureCause.None)]
    [InlineData("evil.example", "shop.example", FailureCause.ServerNameMismatch)]
    [InlineData("shop.example.evil", "shop.example", FailureCause.ServerNameMismatch)]
    [InlineData("shop.example", "127.0.0.1", FailureCause.ServerNameMismatch)]
    internal void Of_ServerName_IsTheHostOrRefused(string name, string host, FailureCause expected)
    {
        Assert.Equal(expected, HelloVerdict.Of(Hello(name, "http/1.1"), Upgrade(Get, host: host), Compatible).Refusal);
        Assert.Equal(expected, HelloVerdict.Of(Hello(name, MarkOf(Get)), Upgrade(Get, host: host), AwareOnly).Refusal);
    }

    [Theory]
    [InlineData("shop.example", true)]
    [InlineData("localhost", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("[::1]", false)]
    public void Of_NoServerName_NeedsASingleHostWhereTheRequestNamesOne(string host, bool expected)
    {
        Assert.Equal(expected, HelloVerdict.Of(Hello(null, "http/1.1"), Upgrade(Get, host: host), Compatible).NeedsSingleHost);
        Assert.Equal(expected, HelloVerdict.Of(Hello(null, Mark), Upgrade(Options, host: host), Compatible).NeedsSingleHost);

        // The mark says which host the client asked for.
        Assert.False(HelloVerdict.Of(Hello(null, MarkOf(Get)), Upgrade(Get, host: host), Compatible).NeedsSingleHost);
    }

    [Theory]
    [InlineData("h2,http/1.1", FailureCause.None)]
    [InlineData("http/1.1", FailureCause.None)]
    [InlineData("", FailureCause.None)]
    [InlineData("h2,http/1.1-upgraded", FailureCause.MarkWithoutUpgrade)]
    [InlineData("http/1.1-upgraded=x,h2", FailureCause.MarkWithoutUpgrade)]
    [InlineData("http/1.1-upgraded", FailureCause.MarkWithoutUpgrade)]
    internal void Of_DirectTls_RefusesTheMarkAndNothingElse(string protocols, FailureCause expected) => Assert.Equal(
        expected,
        HelloVerdict.Of(Hello("other.example", protocols), upgrade: null, AwareOnly with { DirectTls = DirectTlsMode.Any }).Refusal);

    /// <summary>Without h2 there is an answer, which says why.</summary>
    [Theory]
    [InlineData("h2,http/1.1-upgraded", FailureCause.MarkWithoutUpgrade)]
    [InlineData("http/1.1-upgraded,http/1.1", FailureCause.None)]
    internal void Of_DirectTlsForHttp2Only_LeavesTheMarkWithoutH2ToTheAnswer(string protocols, FailureCause expected) =>
        Assert.Equal(expected, HelloVerdict.Of(Hello(null, protocols), upgrade: null, Compatible).Refusal);

    [Fact]
    public void StricterOf_AnyTwo_AllowsWhatBothAllow()
    {
        var open = new ClientRules(TlsUpgradeClientMode.Compatible, DirectTlsMode.Any, true);
        var closed = new ClientRules(TlsUpgradeClientMode.AwareOnly, DirectTlsMode.Http2Only, false);
        Assert.Equal(closed, open.StricterOf(closed));
        Assert.Equal(closed, closed.StricterOf(open));
        Assert.Same(open, open.StricterOf(null));
        Assert.Equal(
            new ClientRules(TlsUpgradeClientMode.AwareOnly, DirectTlsMode.Http2Only, true),
            (open with { DirectTls = DirectTlsMode.Http2Only }).StricterOf(open with { AcceptedClients = TlsUpgradeClientMode.AwareOnly }));
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("a,b", "b", true)]
    [InlineData("", "b", false)]
    [InlineData("a", "a,b", false)]
    public void HasGatesOf_OtherRules_NeedsAllOfTheirs(string gates, string others, bool expected)
    {
        var rules = Compatible with { CertificateGates = gates.Split(',', StringSplitOptions.RemoveEmptyEntries).ToHashSet() };
        Assert.Equal(expected, rules.HasGatesOf(Compatible with { CertificateGates = others.Split(',', StringSplitOptions.RemoveEmptyEntries).ToHashSet() }));
        Assert.True(rules.HasGatesOf(null));
        Assert.True(rules.HasGatesOf(rules));
    }

    private static ClientHello Hello(string? name, string protocols) =>
        ClientHelloParser.Parse(MadeHello.Offering(name, protocols.Split(',', StringSplitOptions.RemoveEmptyEntries)).ToMessage())!;

    private static UpgradeRequest Upgrade(string head, bool isHinted = true, string host = "shop.example") =>
        HandshakeWatches.Upgrade(head, host, isHinted: isHinted);

    private static string MarkOf(string head) => RequestMark.Of(System.Text.Encoding.ASCII.GetBytes(head));
}
