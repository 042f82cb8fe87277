using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.IppWire;

namespace KestrelTlsUpgrade.Tests.Samples;

/// <summary>A message costs what it is long, however it comes, and no more than its limit.</summary>
public sealed class IppWorkTests
{
    private const int MaxLooksPerOctet = 5;
    private const int MaxMemoryPerOctet = 40;

    /// <summary>Messages of much of one kind: how they begin, what is repeated, and how they end.</summary>
    private static readonly Dictionary<string, (byte[] First, Func<int, byte[]> Next, byte[] Last)> Shapes = new()
    {
        ["long values"] = (Field(0x60, "a"), static _ => More(0x60, new byte[20_000]), []),
        ["texts"] = (Field(0x41, "a"), static _ => More(0x41, new string('a', 1023)), []),
        ["empty values"] = (Field(0x41, "a"), static _ => More(0x41), []),
        ["empty collections"] = (Field(0x13, "a"), static _ => [.. More(0x34), .. EndCollection], []),
        ["small collections"] = (Field(0x13, "a"), static _ => [.. More(0x34), .. Member("m"), .. More(0x13), .. EndCollection], []),
        ["members"] = (BeginCollection("a"), static number => [.. Member($"{number}"), .. More(0x13)], EndCollection),
        ["attributes"] = (Field(0x13, "a"), static number => Field(0x13, $"{number}"), []),
        ["attributes with long names"] = (Field(0x13, "a"), static number => Field(0x13, $"{number}" + new string('n', 240)), []),
        ["groups"] = ([], static _ => [.. JobGroup, .. Field(0x41, "a", new string('a', 150))], []),
    };

    public static TheoryData<string> Kinds => [.. Shapes.Keys];

    /// <summary>Octet by octet, none of which is looked at again and again. What is looked at is counted: a clock would not tell.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryRead_LongMessageOctetByOctet_LooksAtEachAFewTimes(string kind)
    {
        var wire = Fill(kind, IppParser.MaxLength / 4);
        var looks = 0;
        Assert.True(IppReading.OctetByOctet(wire, () => looks++).IsComplete);
        Assert.True(looks <= MaxLooksPerOctet * wire.Length, $"{looks} looks at {wire.Length} octets");
    }

    /// <summary>A field that never ends is not looked at again with each octet of it.</summary>
    [Fact]
    public void TryRead_EndlessValueOctetByOctet_LooksAtEachAFewTimes()
    {
        var wire = Message(OperationGroup, [0x60], Int16(255), Ascii(new string('n', 255)), Int16(short.MaxValue), new byte[short.MaxValue - 1]);
        var looks = 0;
        Assert.StartsWith("incomplete", IppReading.OctetByOctet(wire, () => looks++).Verdict);
        Assert.True(looks <= MaxLooksPerOctet * wire.Length, $"{looks} looks at {wire.Length} octets");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryRead_LongestMessage_KeepsMemoryWithinBounds(string kind)
    {
        var wire = Fill(kind, IppParser.MaxLength);
        IppReading.Of(wire);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reading = IppReading.Of(wire);
        var memory = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(reading.IsComplete, reading.Refusal.ToString());
        Assert.True(memory <= MaxMemoryPerOctet * wire.Length, $"{memory} octets for {wire.Length}");
    }

    /// <summary>The limit is exact, and does not depend on how the octets come.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(300_000, false)]
    public void TryRead_AtTheLimit_IsReadAndOneMoreIsTooLarge(int more, bool isRead)
    {
        var wire = Fill("texts", IppParser.MaxLength + more);
        foreach (var size in (int[])[wire.Length, 1 << 16, 4096, 4095])
        {
            var reading = IppReading.Of([.. wire.Chunk(size).Select(static piece => (ReadOnlyMemory<byte>)piece)]);
            Assert.Equal((isRead, isRead ? null : IppStatus.RequestEntityTooLarge), (reading.IsComplete, reading.Refusal));
        }
    }

    /// <summary>A request that is too large is refused when it is, not when it ends.</summary>
    [Fact]
    public void TryRead_AsLongAsTheLimitWithoutAnEnd_IsTooLarge()
    {
        var wire = Fill("texts", IppParser.MaxLength);
        wire[^1] = 0x02;
        Assert.Null(IppReading.Of(wire.AsMemory(0, wire.Length - 1)).Refusal);
        Assert.Equal(IppStatus.RequestEntityTooLarge, IppReading.Of(wire).Refusal);
        Assert.Equal(IppStatus.RequestEntityTooLarge, IppReading.Of(wire.AsMemory(0, wire.Length - 1), wire.AsMemory(wire.Length - 1)).Refusal);
    }

    /// <summary>A message of exactly that length. A value of any length makes up for what is missing.</summary>
    private static byte[] Fill(string kind, int length)
    {
        var (first, next, last) = Shapes[kind];
        List<byte> wire = [.. Message(OperationGroup, first)];
        byte[] end = [.. last, .. JobGroup, .. Field(0x60, "z"), .. EndOfAttributes];
        for (var number = 0; next(number) is var more && wire.Count + more.Length + end.Length <= length; number++)
        {
            wire.AddRange(more);
        }

        wire.AddRange([.. last, .. JobGroup, .. Field(0x60, "z", new byte[length - wire.Count - end.Length]), .. EndOfAttributes]);
        Assert.Equal(length, wire.Count);
        return [.. wire];
    }
}
