using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Tls.Hellos;

/// <summary>
/// The hellos of real clients are read to the same result however they are cut, and what TLS gets is one record with the same message.
/// </summary>
public sealed class HelloCorpusTests
{
    private const int MaxRecordSize = 300;

    private static readonly Dictionary<string, HelloFacts> Facts =
        HelloCorpus.Names.ToDictionary(static name => name, static name => HelloFacts.Of(WireHello.Read(HelloCorpus.Read(name)).Hello!));

    public static TheoryData<string> Names => [.. HelloCorpus.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Take_Whole_LeavesItWhereItIs(string name)
    {
        var wire = HelloCorpus.Read(name);
        var feed = HelloFeed.Of(wire);
        CheckHello(name, feed);
        Assert.Equal(0, feed.Consumed);
        Assert.True(feed.Record.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Take_InTwoSegments_ReadsTheSame(string name)
    {
        var wire = HelloCorpus.Read(name);
        for (var position = 1; position < wire.Length; position++)
        {
            var feed = HelloFeed.Of([wire.AsMemory(0, position), wire.AsMemory(position)]);
            CheckHello(name, feed);
            Assert.Equal(0, feed.Consumed);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Take_OctetByOctet_ReadsTheSameAtTheLastOne(string name)
    {
        var wire = HelloCorpus.Read(name);
        CheckHello(name, HelloFeed.OctetByOctet(wire));
        Assert.Equal(ClientHelloProgress.Incomplete, HelloFeed.OctetByOctet(wire.AsMemory(0, wire.Length - 1)).Progress);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Take_InRecordsOfEverySize_IsHandedOnAsOne(string name)
    {
        var message = HelloCorpus.ReadMessage(name);
        for (var size = 1; size <= MaxRecordSize; size++)
        {
            CheckCut(name, message, HelloRecords.OfSize(message, size));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Take_InTwoRecordsCutAnywhere_IsHandedOnAsOne(string name)
    {
        var message = HelloCorpus.ReadMessage(name);
        for (var position = 1; position < message.Length; position++)
        {
            CheckCut(name, message, HelloRecords.CutAt(message, position));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Take_OctetByOctetInRecordsOfOne_IsHandedOnAsOne(string name)
    {
        var message = HelloCorpus.ReadMessage(name);
        var feed = HelloFeed.OctetByOctet(HelloRecords.OfSize(message, 1));
        CheckHello(name, feed);
        CheckRecord(message, feed);
    }

    /// <summary>What comes behind the records of the hello is not looked at, and stays where it is.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Take_MoreRecordsBehind_LeavesThem(string name)
    {
        var message = HelloCorpus.ReadMessage(name);
        byte[] behind = [.. HelloRecords.Record([1], HelloRecords.ChangeCipherSpec), .. HelloRecords.Record(new byte[80], HelloRecords.ApplicationData)];
        CheckHello(name, HelloFeed.Of((byte[])[.. HelloCorpus.Read(name), .. behind]));

        var cut = HelloRecords.CutAt(message, 60);
        var feed = HelloFeed.Of((byte[])[.. cut, .. behind]);
        CheckRecord(message, feed);
        Assert.Equal(cut.Length, feed.Consumed);
    }

    private static void CheckCut(string name, byte[] message, byte[] wire)
    {
        // Sizes above that of the message make one record of it.
        var feed = HelloFeed.Of(wire);
        CheckHello(name, feed);
        if (wire.Length > message.Length + 5)
        {
            CheckRecord(message, feed);
            Assert.Equal(wire.Length, feed.Consumed);
        }
    }

    private static void CheckHello(string name, HelloFeed feed)
    {
        Assert.Equal(ClientHelloProgress.Complete, feed.Progress);
        Assert.Equal(Facts[name], HelloFacts.Of(feed.Hello!));
    }

    private static void CheckRecord(byte[] message, HelloFeed feed) => Assert.Equal(HelloRecords.Record(message), feed.Record.ToArray());
}
