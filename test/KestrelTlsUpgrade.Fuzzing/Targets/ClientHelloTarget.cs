using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>The first message of a TLS connection: the same however it is cut, within its bounds, and what the plainest reading has it.</summary>
internal static class ClientHelloTarget
{
    private const int MaxRecordSize = 300;
    private const int RecordHeaderLength = 5;

    public static void Run(FuzzInput input)
    {
        var wire = ToWire(input);
        var reading = WireHello.Read(wire);
        Check(reading, wire, HelloFeed.Of(wire));
        Check(reading, wire, HelloFeed.Of(input.Cut(wire)));
    }

    /// <summary>The octets as they are, as a message in records, or as what follows the header of one.</summary>
    private static byte[] ToWire(FuzzInput input) => input.Choose(3) switch
    {
        0 => input.Wire,
        1 => HelloRecords.OfSize(input.Wire, 1 + input.Choose(MaxRecordSize)),
        _ => HelloRecords.OfSize([1, 0, (byte)(input.Wire.Length >> 8), (byte)input.Wire.Length, .. input.Wire], 1 + input.Choose(MaxRecordSize)),
    };

    private static void Check(WireReading reading, byte[] wire, HelloFeed feed)
    {
        var expected = reading switch
        {
            { IsIncomplete: true } => ClientHelloProgress.Incomplete,
            { Broken: HelloRule.None } => ClientHelloProgress.Complete,
            { Broken: HelloRule.Handshake } => wire[0] == HelloRecords.Alert ? ClientHelloProgress.Alert : ClientHelloProgress.NotTls,
            _ => ClientHelloProgress.Unreadable,
        };
        Oracle.Same(expected, feed.Progress, $"A hello is what the plainest reading has it, and that says {reading.Broken}.");
        Oracle.Holds(feed.Consumed <= WireHello.MaxWireLength, "What is collected has its limit.");
        Oracle.Same(reading.Hello is null, feed.Hello is null, "Only what is whole is a hello.");
        if (feed.Hello is null)
        {
            Oracle.Holds(feed.Record.IsEmpty, "Only a hello is handed on.");
            return;
        }

        Oracle.Same(HelloFacts.Of(reading.Hello!), HelloFacts.Of(feed.Hello), "A hello says what the plainest reading has it say.");
        var isInOneRecord = reading.Taken == RecordHeaderLength + reading.Message!.Length;
        Oracle.Same(isInOneRecord, feed.Record.IsEmpty, "What came in pieces is handed on as one record, and nothing else is copied.");
        Oracle.Same(isInOneRecord ? 0 : reading.Taken, feed.Consumed, "What is collected is taken, and nothing behind it.");
        if (!isInOneRecord)
        {
            byte[] record = [.. wire.AsSpan(0, 3), .. HelloRecords.Record(reading.Message).AsSpan(3)];
            Oracle.Holds(feed.Record.Span.SequenceEqual(record), "TLS gets the message that came.");
        }
    }
}
