using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Sniffing;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Sniffing;

public sealed class UpgradeHeadReaderTests
{
    private const string Detailed =
        "GET /a/./b?c=%20 HTTP/1.1\r\nHost:  a.test:8080 \r\nConnection: close, Upgrade\r\nX-Empty:\r\n"
        + "Upgrade: foo, TLS/1.0\r\nUpgrade: TLS/1.2\r\naccept: text/*;q=0.5 ,  */*\t\r\n\r\n";

    [Theory]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("HEAD / HTTP/1.1")]
    [InlineData("OPTIONS / HTTP/1.1")]
    [InlineData("OPTIONS * HTTP/1.1")]
    [InlineData("GET /a/../b;c=d?e=%20&f=/?#g HTTP/1.1")]
    [InlineData("GET //a HTTP/1.1")]
    public void Read_PlainRequestLine_IsUpgradeWithTheSameLine(string requestLine) =>
        Assert.Equal($"{requestLine}\r\nHost:a.test\r\n\r\n", UpgradeHeads.Replay(UpgradeHeads.Create(requestLine)));

    [Fact]
    public void Read_Upgrade_IsFirstAndHasTokenAndHost()
    {
        var upgrade = UpgradeHeads.Read(UpgradeHeads.Plain);

        Assert.NotNull(upgrade);
        Assert.Equal(UpgradeToken.Tls12, upgrade.Token);
        Assert.Equal("a.test", upgrade.Host);
        Assert.True(upgrade.IsFirst);
    }

    [Fact]
    public void Read_ManyFields_ReplaysAllButThoseOfTheUpgrade() =>
        Assert.Equal(
            "GET /a/./b?c=%20 HTTP/1.1\r\nHost:a.test:8080\r\nConnection:close\r\nX-Empty:\r\naccept:text/*;q=0.5 ,  */*\r\n\r\n",
            UpgradeHeads.Replay(Detailed));

    [Fact]
    public void Read_AnySegmentation_IsTheSame()
    {
        var bytes = Encoding.Latin1.GetBytes(Detailed);
        var expected = UpgradeHeads.Replay(Detailed);
        Assert.NotNull(expected);

        for (var position = 0; position <= bytes.Length; position++)
        {
            AssertSame(UpgradeHeadReader.Read(Sequences.CutAt(bytes, position), Policies.Default));
        }

        AssertSame(UpgradeHeadReader.Read(Sequences.CutEverywhere(bytes), Policies.Default));

        void AssertSame(UpgradeRequest? upgrade)
        {
            Assert.NotNull(upgrade);
            Assert.Equal(expected, Encoding.Latin1.GetString(upgrade.Head.Span));
            Assert.Equal(UpgradeToken.Tls12, upgrade.Token);
            Assert.Equal("a.test", upgrade.Host);
        }
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("A.Test", "A.Test")]
    [InlineData("a.test.", "a.test.")]
    [InlineData("a-b.test:1", "a-b.test")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1:8080", "127.0.0.1")]
    [InlineData("a:0", "a")]
    [InlineData("a:65535", "a")]
    public void Read_PlainHost_IsReadWithoutPort(string value, string expected) =>
        Assert.Equal(expected, UpgradeHeads.Read(WithHost(value))?.Host);

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("a:")]
    [InlineData("a:65536")]
    [InlineData("a:99999999999999999999")]
    [InlineData("a:-1")]
    [InlineData("a:+1")]
    [InlineData("a: 80")]
    [InlineData("a:8 0")]
    [InlineData("a:80:80")]
    [InlineData("a:x")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("a/b")]
    [InlineData("a@b")]
    [InlineData("a_b")]
    [InlineData("a%41")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("::1")]
    [InlineData("b\u00fccher")]
    public void Read_UnusualHost_IsLeftToKestrel(string value) => Assert.Null(UpgradeHeads.Read(WithHost(value)));

    [Theory]
    [InlineData("Connection: keep-alive, upgrade")]
    [InlineData("connection: UPGRADE")]
    [InlineData("Connection: foo", "Connection: upgrade")]
    [InlineData("Connection: upgrade", "Connection: foo")]
    [InlineData("Connection: upgrade", "Connection: upgrade")]
    public void Read_UpgradeOptionAnywhere_IsUpgrade(params string[] lines) =>
        Assert.NotNull(UpgradeHeads.Read(UpgradeHeads.Join(
            [UpgradeHeads.RequestLine, "Host: a.test", "Upgrade: TLS/1.2", .. lines])));

    [Theory]
    [InlineData("TLS/1.0", false, nameof(UpgradeToken.Tls10))]
    [InlineData("TLS/1.0", true, null)]
    [InlineData("TLS/1.0, TLS/1.2", true, nameof(UpgradeToken.Tls12))]
    [InlineData("h2c", false, null)]
    [InlineData("websocket, TLS/1.2", false, null)]
    [InlineData("", false, null)]
    public void Read_Offer_IsSelectedByPolicy(string offer, bool strict, string? expected)
    {
        var head = UpgradeHeads.Join("GET / HTTP/1.1", "Host: a", $"Upgrade: {offer}", "Connection: Upgrade");

        Assert.Equal(expected, UpgradeHeads.Read(head, Policies.Create(strictTokens: strict))?.Token.ToString());
    }

    [Theory]
    [InlineData("Via: 1.1 proxy")]
    [InlineData("Forwarded: for=192.0.2.1")]
    [InlineData("X-Forwarded-For: 192.0.2.1")]
    [InlineData("x-forwarded-proto: https")]
    [InlineData("X-Real-IP: 192.0.2.1")]
    public void Read_Intermediary_IsUpgradedWhereAllowedOnly(string line)
    {
        var head = UpgradeHeads.Create("GET / HTTP/1.1", line);

        Assert.Null(UpgradeHeads.Read(head));
        Assert.NotNull(UpgradeHeads.Read(head, Policies.Create(allowBehindProxy: true)));
    }

    /// <summary>Each of several lines counts, whatever their number.</summary>
    [Theory]
    [InlineData("Via: 1.1 a", "Via: 1.1 b")]
    [InlineData("Via: 1.1 a", "X-Real-IP: 192.0.2.1")]
    [InlineData("Host: a.test")]
    [InlineData("Host: a.test", "Host: a.test")]
    public void Read_SeveralLinesThatForbidIt_AreLeftToKestrel(params string[] lines) =>
        Assert.Null(UpgradeHeads.Read(UpgradeHeads.Create("GET / HTTP/1.1", lines)));

    private static string WithHost(string value) =>
        UpgradeHeads.Join("GET / HTTP/1.1", $"Host: {value}", "Upgrade: TLS/1.2", "Connection: Upgrade");
}
