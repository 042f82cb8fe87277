using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Tls.Hellos;

/// <summary>A hello that two readers could understand differently is unreadable, and never one without a name or without protocols.</summary>
public sealed class HelloRuleTests
{
    private static readonly byte[] Message = new MadeHello().ToMessage();

    public static TheoryData<string> Malformed => [.. MalformedHellos.All.Keys];

    [Fact]
    public void Take_MadeHello_IsReadAsItWasMade()
    {
        var hello = HelloFeed.Of(HelloRecords.Record(Message)).Hello;
        Assert.NotNull(hello);
        Assert.Equal("server.example", hello.ServerName);
        Assert.True(hello is { OffersHttp2: true, OffersHttp11: true, HasGrease: false, HasEncryptedHello: false, HasMark: false });
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Take_MalformedHello_IsUnreadable(string name)
    {
        var (rule, wire) = MalformedHellos.All[name];
        Assert.Equal(rule, WireHello.Read(wire).Broken);
        CheckUnreadable(HelloFeed.Of(wire));
        CheckUnreadable(HelloFeed.OctetByOctet(wire));
    }

    /// <summary>What is malformed within the message is so in pieces, too.</summary>
    [Theory]
    [MemberData(nameof(Malformed))]
    public void Take_MalformedHelloInRecordsOfThree_IsUnreadable(string name)
    {
        var (_, wire) = MalformedHellos.All[name];
        Assert.SkipWhen(MalformedHellos.IsWrongInRecords(wire), "Its records are what is wrong.");
        var records = HelloRecords.OfSize(wire[5..], 3);
        CheckUnreadable(HelloFeed.Of(records));
        CheckUnreadable(HelloFeed.OctetByOctet(records));
    }

    [Fact]
    public void Take_ALengthThatDisagrees_IsUnreadable()
    {
        new MadeHello().ToMessage(out var lengths);
        Assert.Equal(17, lengths);

        // The first is the length of the message: where it says more, more is waited for.
        foreach (var (index, more) in Enumerable.Range(0, lengths).SelectMany(static index => new[] { -1, 1, 40, 200 }.Select(more => (index, more))).Where(static wrong => wrong is not (0, > 0)))
        {
            var wire = HelloRecords.Record(new MadeHello { Wrong = (index, more) }.ToMessage());
            CheckUnreadable(HelloFeed.Of(wire), $"Length {index}, {more} more");
            Assert.NotEqual(HelloRule.None, WireHello.Read(wire).Broken);
        }
    }

    /// <summary>A server takes the lower of that version and its own (RFC 5246 appendix E.1).</summary>
    [Theory]
    [InlineData(0x0200, SslProtocols.None)]
    [InlineData(0x0203, SslProtocols.None)]
    [InlineData(0x0303, SslProtocols.Tls12)]
    [InlineData(0x0304, SslProtocols.Tls12)]
    [InlineData(0x0401, SslProtocols.Tls12)]
    public void Take_OnlyALegacyVersion_IsTheHighestOnOffer(int version, SslProtocols expected)
    {
        var made = new MadeHello();
        made.Extensions.Clear();
        var message = made.ToMessage();
        (message[4], message[5]) = ((byte)(version >> 8), (byte)version);
        var hello = HelloFeed.Of(HelloRecords.Record(message)).Hello;
        Assert.Equal(expected, hello?.Versions);
    }

    [Fact]
    public void Take_AMessageThatSaysMoreThanItsRecordHas_WaitsAndIsUnreadable()
    {
        var wire = HelloRecords.Record(new MadeHello { Wrong = (0, 1) }.ToMessage());
        Assert.Equal(ClientHelloProgress.Incomplete, HelloFeed.Of(wire).Progress);
        CheckUnreadable(HelloFeed.Of((byte[])[.. wire, .. HelloRecords.Record([0])]));
    }

    /// <summary>Every octet that comes later could only be one that is refused.</summary>
    [Fact]
    public void Take_TooLongAMessage_IsUnreadableByItsHeader()
    {
        CheckUnreadable(HelloFeed.Of(new byte[] { 0x16, 3, 1, 0x40, 0x00, 1, 0x00, 0x3F, 0xFD }));
        CheckUnreadable(HelloFeed.Of((byte[])[.. HelloRecords.Record([1]), .. HelloRecords.Record([0, 0x3F]), 0x16, 3, 1, 0, 8, 0xFD]));
        Assert.Equal(ClientHelloProgress.Incomplete, HelloFeed.Of(new byte[] { 0x16, 3, 1, 0x40, 0x00, 1, 0x00, 0x3F, 0xFC }).Progress);
    }

    [Fact]
    public void Take_OtherFirstMessage_IsUnreadableByItsFirstOctet()
    {
        byte[] finished = [0x16, 3, 3, 0, 2, 20, 0];
        CheckUnreadable(HelloFeed.Of(finished.AsMemory(0, 6)));
        CheckUnreadable(HelloFeed.OctetByOctet(finished.AsMemory(0, 6)));
    }

    /// <summary>As soon as both headers are there, however the records are cut.</summary>
    [Fact]
    public void Take_MoreInARecordThanTheMessageHas_IsUnreadableByTheHeaders()
    {
        byte[] wire = [.. HelloRecords.Record(Message.AsSpan(0, 2)), 0x16, 3, 1, 0x30, 0x00, .. Message.AsSpan(2, 2)];
        Assert.Equal(HelloRule.NothingBehind, WireHello.Read(wire).Broken);
        CheckUnreadable(HelloFeed.Of(wire));
        CheckUnreadable(HelloFeed.OctetByOctet(wire));

        wire = [.. HelloRecords.Record(Message.AsSpan(0, 40)), 0x16, 3, 1, 0x30, 0x00];
        Assert.Equal(HelloRule.NothingBehind, WireHello.Read(wire).Broken);
        CheckUnreadable(HelloFeed.Of(wire));
        CheckUnreadable(HelloFeed.OctetByOctet(wire));
    }

    [Theory]
    [InlineData(HelloRecords.Alert, nameof(ClientHelloProgress.Alert))]
    [InlineData(HelloRecords.ChangeCipherSpec, nameof(ClientHelloProgress.NotTls))]
    [InlineData(HelloRecords.ApplicationData, nameof(ClientHelloProgress.NotTls))]
    [InlineData((byte)'G', nameof(ClientHelloProgress.NotTls))]
    [InlineData((byte)0x80, nameof(ClientHelloProgress.NotTls))]
    public void Take_SomethingElseFirst_IsNoHello(byte type, string expected)
    {
        byte[] wire = [.. HelloRecords.Record([1, 0], type), .. HelloRecords.Record(Message)];
        Assert.Equal(expected, $"{HelloFeed.Of(wire).Progress}");
        Assert.Equal(expected, $"{HelloFeed.OctetByOctet(wire).Progress}");
    }

    private static void CheckUnreadable(HelloFeed feed, string? which = null)
    {
        Assert.True(feed.Progress is ClientHelloProgress.Unreadable, $"{which}: {feed.Progress}");
        Assert.Null(feed.Hello);
        Assert.True(feed.Record.IsEmpty);
    }
}
