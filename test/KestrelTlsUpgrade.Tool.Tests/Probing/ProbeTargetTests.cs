using KestrelTlsUpgrade.Tool.Probing;

namespace KestrelTlsUpgrade.Tool.Tests.Probing;

public sealed class ProbeTargetTests
{
    [Theory]
    [InlineData("http://a.test", "a.test", 80, "/", "a.test")]
    [InlineData("http://a.test:8080/x?y=z#f", "a.test", 8080, "/x?y=z", "a.test:8080")]
    [InlineData("http://[::1]:631/", "::1", 631, "/", "[::1]:631")]
    [InlineData("http://bücher.test/", "xn--bcher-kva.test", 80, "/", "xn--bcher-kva.test")]
    public void TryCreate_HttpUri_IsTakenApart(string uri, string host, int port, string path, string authority)
    {
        var target = ProbeTarget.TryCreate(uri)!;
        Assert.Equal((host, port, path, authority), (target.Host, target.Port, target.Path, target.Authority));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.test")]
    [InlineData("https://a.test/")]
    [InlineData("ipp://a.test/")]
    [InlineData("http://")]
    [InlineData("http://user:password@a.test/")]
    public void TryCreate_AnythingElse_IsNone(string uri) => Assert.Null(ProbeTarget.TryCreate(uri));

    [Fact]
    public void ToBytes_Requests_AreWhatCupsUnderstands()
    {
        var target = ProbeTarget.TryCreate("http://a.test:8080/x")!;
        var text = System.Text.Encoding.ASCII.GetString(ProbeRequest.ServerWide.ToBytes(target, "TLS/1.2"));
        Assert.StartsWith("OPTIONS * HTTP/1.1\r\nHost: a.test:8080\r\nUser-Agent: tls-upgrade/", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n", text, StringComparison.Ordinal);
    }
}
