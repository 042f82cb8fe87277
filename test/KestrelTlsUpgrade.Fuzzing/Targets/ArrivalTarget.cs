using System.Buffers;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Internal.Sniffing;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>Looking at the first bytes of a connection: the same verdict however they come, and nothing taken but an upgrade's head.</summary>
internal static class ArrivalTarget
{
    public static void Run(FuzzInput input)
    {
        var directTls = input.Flip();
        var policy = input.Pick(UpgradeHeadTarget.UpgradePolicies);
        CheckFirstBytes(input);

        var pieces = input.Cut(input.Wire);
        var reader = new SegmentedPipeReader(pieces, input.Flip());
        var connection = UpgradeConnections.Create(
            SegmentedConnection.Create(reader), policy, UpgradeConnections.DefaultRules with { DirectTls = directTls ? DirectTlsMode.Any : DirectTlsMode.Off });
        var arrived = Oracle.AtOnce(ConnectionArrival.ReceiveAsync(connection));

        Oracle.Same(Expect(input.Wire, pieces, directTls, arrived), arrived.Kind, "The first bytes say what comes.");
        if (arrived.Kind is ArrivalKind.Upgrade)
        {
            var head = input.Wire.AsMemory(0, (int)reader.Consumed);
            Oracle.Same(FindEnd(head.Span), head.Length, "Nothing is taken from behind the head.");
            var alone = UpgradeHeadReader.Read(new ReadOnlySequence<byte>(head), policy);
            UpgradeHeadTarget.AssertSame(alone, connection.Upgrade);
        }
        else
        {
            Oracle.Holds(connection.Upgrade is null && reader.Consumed == 0, "Nothing is taken but the head of an upgrade.");
        }
    }

    private static void CheckFirstBytes(FuzzInput input)
    {
        var whole = FirstBytes.Classify(new ReadOnlySequence<byte>(input.Wire));
        Oracle.Same(whole, FirstBytes.Classify(input.CutWire()), "Bytes mean the same however they are cut up.");

        var prefix = input.Wire.AsMemory(0, input.Choose(input.Wire.Length + 1));
        var early = FirstBytes.Classify(new ReadOnlySequence<byte>(prefix));
        Oracle.Holds(early == whole || early is ArrivalKind.Undecided, "More bytes do not change a verdict.");

        var length = FirstBytes.FindUpgradeHead(input.Wire);
        Oracle.Holds(length == 0 || length == FindEnd(input.Wire), "The first empty line ends the head.");
        var earlyLength = FirstBytes.FindUpgradeHead(prefix.Span);
        Oracle.Holds(earlyLength == length || (earlyLength == 0 && prefix.Length < length), "More bytes do not make a head longer.");
    }

    private static ArrivalKind Expect(byte[] wire, IReadOnlyList<ReadOnlyMemory<byte>> pieces, bool directTls, ArrivedConnection arrived)
    {
        if (directTls && wire is [0x16, ..])
        {
            return ArrivalKind.Tls;
        }

        // Whether it is accepted is for another target to say; here, whether one that came in one piece was found.
        var end = FindEnd(wire);
        return end > 0 && end <= pieces[0].Length && IsAccepted(wire[..end], arrived) ? ArrivalKind.Upgrade : ArrivalKind.Plaintext;
    }

    private static bool IsAccepted(byte[] head, ArrivedConnection arrived) =>
        arrived.Kind is ArrivalKind.Upgrade
        || UpgradeHeadTarget.UpgradePolicies.All(policy => UpgradeHeadReader.Read(new ReadOnlySequence<byte>(head), policy) is not null);

    private static int FindEnd(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\r\n\r\n"u8) + 4 is > 3 and var end ? end : 0;
}
