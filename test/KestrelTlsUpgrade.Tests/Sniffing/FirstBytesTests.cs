using System.Buffers;
using System.Text;
using KestrelTlsUpgrade.Internal.Sniffing;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tests.Sniffing;

public sealed class FirstBytesTests
{
    private const byte HandshakeRecord = 0x16;
    private const string Upgrade = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: TLS\r\nConnection: Upgrade\r\n\r\n";

    [Fact]
    public void Classify_NoByte_IsUndecided() =>
        Assert.Equal(ArrivalKind.Undecided, FirstBytes.Classify(ReadOnlySequence<byte>.Empty));

    [Fact]
    public void Classify_EveryFirstByte_IsPlaintextButForThatOfTls()
    {
        for (var first = 0; first <= byte.MaxValue; first++)
        {
            var isTls = first == HandshakeRecord;

            Assert.Equal(isTls ? ArrivalKind.Tls : ArrivalKind.Plaintext, Classify((byte)first));
            Assert.Equal(isTls ? ArrivalKind.Tls : ArrivalKind.Plaintext, Classify((byte)first, 0x03));
        }
    }

    /// <summary>No request line begins with it (RFC 9112 section 3), so it need not be waited for what follows.</summary>
    [Fact]
    public void Classify_EverySecondByteOfRecord_IsTls()
    {
        for (var second = 0; second <= byte.MaxValue; second++)
        {
            Assert.Equal(ArrivalKind.Tls, Classify(HandshakeRecord, (byte)second));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00 }, nameof(ArrivalKind.Tls))]
    [InlineData(new byte[] { 0x16, 0x03 }, nameof(ArrivalKind.Tls))]
    [InlineData(new byte[] { 0x16, 0x02, 0x03 }, nameof(ArrivalKind.Tls))]
    [InlineData(new byte[] { 0x80, 0x2E, 0x01, 0x03, 0x01 }, nameof(ArrivalKind.Plaintext))]
    [InlineData(new byte[] { 0x47, 0x16, 0x03 }, nameof(ArrivalKind.Plaintext))]
    public void Classify_AnySegmentation_IsTheSame(byte[] bytes, string expected)
    {
        for (var position = 0; position <= bytes.Length; position++)
        {
            Assert.Equal(expected, FirstBytes.Classify(Sequences.CutAt(bytes, position)).ToString());
        }

        Assert.Equal(expected, FirstBytes.Classify(Sequences.CutEverywhere(bytes)).ToString());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    public void FindUpgradeHead_CompleteHead_IsItsLength(string method)
    {
        var head = Upgrade.Replace("GET", method, StringComparison.Ordinal);

        Assert.Equal(head.Length, Find(head));
        Assert.Equal(head.Length, Find(head + "\r\n\r\nUpgrade: more\r\n\r\n"));
    }

    [Theory]
    [InlineData("Upgrade:")]
    [InlineData("upgrade:TLS")]
    [InlineData("UPGRADE: x")]
    public void FindUpgradeHead_AnyCaseOrValue_IsFound(string line) =>
        Assert.NotEqual(0, Find($"GET / HTTP/1.1\r\n{line}\r\nHost: a\r\n\r\n"));

    [Fact]
    public void FindUpgradeHead_EmptyLineBeforeIt_IsFound() =>
        Assert.NotEqual(0, Find("G\n\nUpgrade: TLS\r\n\r\n"));

    [Fact]
    public void FindUpgradeHead_LineIsLast_IsFound() => Assert.NotEqual(0, Find("GET / HTTP/1.1\r\nHost: a\r\nUpgrade:\r\n\r\n"));

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /Upgrade: HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nX-Upgrade: TLS\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n Upgrade: TLS\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nUpgrade : TLS\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nUpgrade\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nUpgrad\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\nUpgrade: TLS\n\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\nUpgrade: TLS\r\n\r\n")]
    public void FindUpgradeHead_NoUpgradeLineInCompleteHead_IsZero(string text) => Assert.Equal(0, Find(text));

    [Fact]
    public void FindUpgradeHead_IncompleteHead_IsZero()
    {
        for (var length = 0; length < Upgrade.Length; length++)
        {
            Assert.Equal(0, Find(Upgrade[..length]));
        }
    }

    [Fact]
    public void FindUpgradeHead_FirstByteOfNoUpgradableMethod_IsZero()
    {
        for (var first = 0; first <= byte.MaxValue; first++)
        {
            var isUpgradable = (char)first is 'G' or 'H' or 'O';

            Assert.Equal(isUpgradable ? Upgrade.Length : 0, Find((char)first + Upgrade[1..]));
        }
    }

    private static ArrivalKind Classify(params byte[] bytes) => FirstBytes.Classify(new ReadOnlySequence<byte>(bytes));

    private static int Find(string text) => FirstBytes.FindUpgradeHead(Encoding.Latin1.GetBytes(text));
}
