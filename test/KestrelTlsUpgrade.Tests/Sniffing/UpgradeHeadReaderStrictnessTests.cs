using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Sniffing;

/// <summary>What the reader must leave to Kestrel, whose verdict counts.</summary>
public sealed class UpgradeHeadReaderStrictnessTests
{
    [Theory]
    [InlineData("POST / HTTP/1.1")]
    [InlineData("PUT / HTTP/1.1")]
    [InlineData("DELETE / HTTP/1.1")]
    [InlineData("PATCH / HTTP/1.1")]
    [InlineData("TRACE / HTTP/1.1")]
    [InlineData("CONNECT a.test:443 HTTP/1.1")]
    [InlineData("get / HTTP/1.1")]
    [InlineData("Get / HTTP/1.1")]
    [InlineData("GETS / HTTP/1.1")]
    [InlineData("OPTION / HTTP/1.1")]
    [InlineData("HEADER / HTTP/1.1")]
    public void Read_OtherMethod_IsLeftToKestrel(string requestLine) => AssertLeft(requestLine);

    [Theory]
    [InlineData("GET / HTTP/1.1\nHost:a\r\nUpgrade:TLS\r\nConnection:upgrade\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost:a\nUpgrade:TLS\r\nConnection:upgrade\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\nHost:a\nUpgrade:TLS\nConnection:upgrade\n\r\n\r\n")]
    public void Read_BareLineFeed_IsLeftToKestrel(string head) => Assert.Null(UpgradeHeads.Read(head));

    [Theory]
    [InlineData("GET / HTTP/1.0")]
    [InlineData("GET / HTTP/2.0")]
    [InlineData("GET / HTTP/1.2")]
    [InlineData("GET / http/1.1")]
    [InlineData("GET / HTTP/1.1 ")]
    [InlineData("GET / HTTP/1.10")]
    [InlineData("GET /:HTTP/1.1")]
    [InlineData("OPTIONS *:HTTP/1.1")]
    [InlineData("GET /?a\tHTTP/1.1")]
    [InlineData("GET /  HTTP/1.1")]
    [InlineData("GET /")]
    [InlineData("GET")]
    [InlineData("")]
    public void Read_OtherVersion_IsLeftToKestrel(string requestLine) => AssertLeft(requestLine);

    [Theory]
    [InlineData("GET /%61 HTTP/1.1")]
    [InlineData("GET /a%2Fb HTTP/1.1")]
    [InlineData("GET % HTTP/1.1")]
    [InlineData("GET http://a.test/ HTTP/1.1")]
    [InlineData("GET https://a.test/ HTTP/1.1")]
    [InlineData("OPTIONS http://a.test HTTP/1.1")]
    [InlineData("GET * HTTP/1.1")]
    [InlineData("HEAD * HTTP/1.1")]
    [InlineData("OPTIONS ** HTTP/1.1")]
    [InlineData("OPTIONS *?a HTTP/1.1")]
    [InlineData("GET a HTTP/1.1")]
    [InlineData("GET ?a HTTP/1.1")]
    [InlineData("GET  HTTP/1.1")]
    [InlineData("GET  / HTTP/1.1")]
    [InlineData("GET /a b HTTP/1.1")]
    [InlineData("GET /\u00e9 HTTP/1.1")]
    [InlineData("GET /?\u00e9 HTTP/1.1")]
    [InlineData("GET /\0 HTTP/1.1")]
    [InlineData("GET /?\0 HTTP/1.1")]
    [InlineData("GET /\t HTTP/1.1")]
    [InlineData("GET /\u007f HTTP/1.1")]
    [InlineData("GET /\r HTTP/1.1")]
    public void Read_UnusualTarget_IsLeftToKestrel(string requestLine) => AssertLeft(requestLine);

    [Theory]
    [InlineData("Content-Length: 0")]
    [InlineData("content-length: 5")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("transfer-encoding: identity")]
    [InlineData("Host: a.test")]
    [InlineData("host: b.test")]
    [InlineData("X-A: b\r\n folded")]
    [InlineData("X-A: b\r\n\tfolded")]
    [InlineData(" X-A: b")]
    [InlineData("X-A : b")]
    [InlineData("X-A\t: b")]
    [InlineData("X A: b")]
    [InlineData("X(A): b")]
    [InlineData("X\"A: b")]
    [InlineData("X/A: b")]
    [InlineData("X@A: b")]
    [InlineData("X\u00e9: b")]
    [InlineData("X\0: b")]
    [InlineData(": b")]
    [InlineData(":path: /")]
    [InlineData("X-A")]
    [InlineData("X-A: \u00e9")]
    [InlineData("X-A: a\tb")]
    [InlineData("X-A: \0")]
    [InlineData("X-A: \u0001")]
    [InlineData("X-A: \u007f")]
    [InlineData("X-A: a\rb")]
    [InlineData("\n")]
    public void Read_UnusualField_IsLeftToKestrel(string line)
    {
        Assert.Null(UpgradeHeads.Read(UpgradeHeads.Create(UpgradeHeads.RequestLine, line)));
        Assert.Null(UpgradeHeads.Read(UpgradeHeads.Join(
            UpgradeHeads.RequestLine, line, "Host: a.test", "Upgrade: TLS/1.2", "Connection: Upgrade")));
    }

    [Theory]
    [InlineData("Host: a.test")]
    [InlineData("Upgrade: TLS/1.2")]
    [InlineData("Connection: Upgrade")]
    public void Read_NeededFieldIsMissing_IsLeftToKestrel(string line) =>
        Assert.Null(UpgradeHeads.Read(UpgradeHeads.Plain.Replace($"{line}\r\n", "", StringComparison.Ordinal)));

    [Theory]
    [InlineData("Connection: keep-alive")]
    [InlineData("Connection: upgrade-insecure")]
    [InlineData("Proxy-Connection: Upgrade")]
    public void Read_NoUpgradeOption_IsLeftToKestrel(string line) =>
        Assert.Null(UpgradeHeads.Read(UpgradeHeads.Join(UpgradeHeads.RequestLine, "Host: a.test", "Upgrade: TLS/1.2", line)));

    [Fact]
    public void Read_EachCarriageReturnBare_IsLeftToKestrel()
    {
        for (var at = 0; at < UpgradeHeads.Plain.Length; at++)
        {
            if (UpgradeHeads.Plain[at] == '\n')
            {
                Assert.Null(UpgradeHeads.Read(UpgradeHeads.Plain.Remove(at, 1)));
            }
        }
    }

    [Fact]
    public void Read_HeadCutShort_IsLeftToKestrel()
    {
        for (var length = 0; length < UpgradeHeads.Plain.Length; length++)
        {
            Assert.Null(UpgradeHeads.Read(UpgradeHeads.Plain[..length]));
        }
    }

    [Fact]
    public void Read_BytesBehindTheHead_IsLeftToKestrel() => Assert.Null(UpgradeHeads.Read(UpgradeHeads.Plain + "\r\n"));

    [Fact]
    public void Read_EveryControlOrNonAsciiByteAnywhere_IsLeftToKestrel()
    {
        for (var value = 0; value <= byte.MaxValue; value++)
        {
            if (value is >= ' ' and <= '~' or '\t' or '\n' or '\r')
            {
                continue;
            }

            for (var at = 0; at < UpgradeHeads.Plain.Length; at++)
            {
                Assert.Null(UpgradeHeads.Read(UpgradeHeads.Plain.Insert(at, ((char)value).ToString())));
            }
        }
    }

    private static void AssertLeft(string requestLine) => Assert.Null(UpgradeHeads.Read(UpgradeHeads.Create(requestLine)));
}
