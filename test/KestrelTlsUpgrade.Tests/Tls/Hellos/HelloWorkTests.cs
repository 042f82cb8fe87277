using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Tls.Hellos;

/// <summary>A hello costs what it is long, however it comes, and no more than the bounds.</summary>
public sealed class HelloWorkTests
{
    /// <summary>A header of nine octets may be looked at again with each of them.</summary>
    private const int MaxLooksPerOctet = 20;

    private const int HeaderLength = 5;

    /// <summary>The most octets of which each can have a record of its own.</summary>
    private const int MaxLengthInSingleOctets = ClientHelloAssembler.MaxWireLength / (HeaderLength + 1);

    [Theory]
    [InlineData(ClientHelloAssembler.MaxMessageLength, ClientHelloAssembler.MaxMessageLength, true)]
    [InlineData(ClientHelloAssembler.MaxMessageLength, ClientHelloAssembler.MaxMessageLength - 1, true)]
    [InlineData(ClientHelloAssembler.MaxMessageLength, 3, true)]
    [InlineData(MaxLengthInSingleOctets, 1, true)]
    [InlineData(MaxLengthInSingleOctets + 1, 1, false)]
    [InlineData(ClientHelloAssembler.MaxMessageLength, 1, false)]
    public void Take_LongHelloOctetByOctet_LooksAtEachAFewTimes(int length, int recordSize, bool isReadable)
    {
        var message = MalformedHellos.Long(length);
        Assert.Equal(length, message.Length);
        var wire = HelloRecords.OfSize(message, recordSize);
        var feed = new HelloFeed();
        var looks = 0;
        var taken = 0;
        while (feed.Progress is ClientHelloProgress.Incomplete && taken < wire.Length)
        {
            feed.Add(new WatchedOctet(wire[taken++], () => looks++).Memory);
        }

        Assert.Equal(isReadable ? ClientHelloProgress.Complete : ClientHelloProgress.Unreadable, feed.Progress);
        Assert.True(looks <= MaxLooksPerOctet * taken, $"{looks} looks at {taken} octets");
        Assert.True(taken <= ClientHelloAssembler.MaxWireLength + HeaderLength, $"{taken} octets were taken");
        if (isReadable)
        {
            Assert.Equal(wire.Length, taken);
            Assert.Equal("server.example", feed.Hello!.ServerName);
        }
    }

    /// <summary>One copy of the message is all that is kept.</summary>
    [Fact]
    public void Take_HelloInPieces_KeepsNoMoreThanTheMessage()
    {
        var message = MalformedHellos.Long(ClientHelloAssembler.MaxMessageLength);
        var wire = HelloRecords.OfSize(message, 3);
        HelloFeed.Of(wire);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var feed = HelloFeed.Of(wire);
        var memory = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(ClientHelloProgress.Complete, feed.Progress);
        Assert.InRange(memory, ClientHelloAssembler.MaxMessageLength, 2 * ClientHelloAssembler.MaxMessageLength);
    }
}
