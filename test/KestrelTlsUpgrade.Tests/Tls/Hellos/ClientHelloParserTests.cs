using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tests.Tls.Hellos;

public sealed class ClientHelloParserTests
{
#pragma warning disable CA5397, CS0618, SYSLIB0039 // What clients offer.
    [Theory]
    [InlineData(0, "", SslProtocols.Ssl3)]
    [InlineData(1, "", SslProtocols.Tls)]
    [InlineData(2, "00 17 00 00", SslProtocols.Tls11)]
    [InlineData(3, "00 17 00 01 00", SslProtocols.Tls12)]
    [InlineData(3, "00 2B 00 03 02 03 04", SslProtocols.Tls13)]
    [InlineData(3, "00 2B 00 05 04 03 04 03 03", SslProtocols.Tls13 | SslProtocols.Tls12)]
    [InlineData(3, "00 2B 00 05 04 7A 7A 03 02", SslProtocols.Tls11)]
    [InlineData(3, "00 2B 00 03 02 03 09", SslProtocols.None)]
    public void Parse_Versions_AreThoseOfTheExtensionOrUpToTheLegacyOne(byte minorVersion, string extension, SslProtocols expected) =>
        Assert.Equal(expected, Parse(minorVersion, extension)!.Versions);
#pragma warning restore CA5397, CS0618, SYSLIB0039

    [Fact]
    public void Parse_NameAndProtocols_AreReadAsSent()
    {
        var hello = ClientHelloParser.Parse(MadeHello.Offering("Printer.Example", "http/1.1-upgraded=abc", "http/1.1-upgraded", "http/1.1").ToMessage())!;
        Assert.Equal("Printer.Example", hello.ServerName);
        Assert.Equal("http/1.1-upgraded=abc", hello.BoundMark);
        Assert.True(hello is { HasPlainMark: true, OffersHttp11: true, OffersHttp2: false, OffersLaterHttp: false, HasSeveralBoundMarks: false });
        Assert.True(hello is { HasGrease: false, HasEncryptedHello: false });
    }

    [Theory]
    [InlineData("h2", true)]
    [InlineData("h2c", true)]
    [InlineData("h3", true)]
    [InlineData("H2", false)]
    [InlineData("h2-14", false)]
    [InlineData("http/1.0", false)]
    public void Parse_Protocol_IsLaterHttpByItsWholeId(string id, bool expected)
    {
        var hello = ClientHelloParser.Parse(MadeHello.Offering(null, "http/1.1", id).ToMessage())!;
        Assert.Equal(expected, hello.OffersLaterHttp);
        Assert.Equal(id == "h2", hello.OffersHttp2);
        Assert.Null(hello.ServerName);
        Assert.False(hello.HasMark);
    }

    [Fact]
    public void Parse_TwoBoundMarks_AreSeveral() => Assert.True(
        ClientHelloParser.Parse(MadeHello.Offering(null, "http/1.1-upgraded=a", "http/1.1-upgraded=b").ToMessage())!.HasSeveralBoundMarks);

    [Theory]
    [InlineData("AA AA 13 01", "")]
    [InlineData("13 01", "0A 0A 00 00")]
    [InlineData("13 01", "00 0A 00 06 00 04 2A 2A 00 1D")]
    [InlineData("13 01", "00 2B 00 05 04 FA FA 03 04")]
    [InlineData("13 01", "00 10 00 05 00 03 02 3A 3A")]
    public void Parse_ReservedValue_IsGrease(string suites, string extension) =>
        Assert.True(Parse(3, extension, suites)!.HasGrease);

    [Theory]
    [InlineData("0A 1A 13 01", "")]
    [InlineData("13 01", "0A 1A 00 00")]
    [InlineData("13 01", "00 0A 00 04 00 02 00 1D")]
    [InlineData("13 01", "00 10 00 04 00 02 01 3A")]
    public void Parse_OtherValue_IsNoGrease(string suites, string extension) =>
        Assert.False(Parse(3, extension, suites)!.HasGrease);

    [Fact]
    public void Parse_EncryptedHello_IsSeen() => Assert.True(Parse(3, "FE 0D 00 01 00")!.HasEncryptedHello);

    [Theory]
    [InlineData("00 00 00 02 00 00")]
    [InlineData("00 00 00 05 00 03 00 00 00")]
    [InlineData("00 00 00 06 00 04 01 00 01 61")]
    [InlineData("00 00 00 0A 00 08 00 00 01 61 00 00 01 62")]
    [InlineData("00 00 00 06 00 04 00 00 01 00")]
    [InlineData("00 00 00 06 00 04 00 00 01 E9")]
    [InlineData("00 00 00 07 00 04 00 00 01 61 00")]
    [InlineData("00 00 00 06 00 05 00 00 01 61")]
    [InlineData("00 00 00 00")]
    [InlineData("00 10 00 00")]
    [InlineData("00 10 00 02 00 00")]
    [InlineData("00 10 00 03 00 01 00")]
    [InlineData("00 10 00 05 00 03 03 61 62")]
    [InlineData("00 10 00 06 00 03 02 61 62 00")]
    [InlineData("00 2B 00 01 00")]
    [InlineData("00 2B 00 04 03 03 04 03")]
    [InlineData("00 0A 00 00")]
    [InlineData("00 17 00 00 00 17 00 00")]
    [InlineData("FF 01 00 01")]
    [InlineData("FF")]
    public void Parse_MalformedExtension_IsNotRead(string extension) => Assert.Null(Parse(3, extension));

    [Theory]
    [InlineData("")]
    [InlineData("13")]
    public void Parse_MalformedSuites_AreNotRead(string suites) => Assert.Null(Parse(3, "", suites));

    [Fact]
    public void Parse_CutOrLonger_IsNotRead()
    {
        var message = MadeHello.Offering("printer.example", "http/1.1").ToMessage();
        for (var length = 0; length < message.Length; length++)
        {
            Assert.Null(ClientHelloParser.Parse(message.AsSpan(0, length)));
        }

        Assert.Null(ClientHelloParser.Parse([.. message, 0]));
        Assert.NotNull(ClientHelloParser.Parse(message));
    }

    private static ClientHello? Parse(byte minorVersion, string extension, string suites = "13 01") => ClientHelloParser.Parse(
        new MadeHello { MinorVersion = minorVersion, Suites = Bytes(suites), Extensions = [], FurtherExtensions = Bytes(extension) }.ToMessage());

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
