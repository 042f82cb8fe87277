using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.IppWire;

namespace KestrelTlsUpgrade.Tests.Samples;

/// <summary>Headers, groups and attributes (RFC 8010 sections 3.1.1 to 3.1.5 and 3.3 to 3.7).</summary>
public sealed class IppMessageTests
{
    private static readonly byte[] Copies = Field(0x21, "copies", Int32(20));

    /// <summary>RFC 8010 sections 3.4.1 to 3.4.3: all of it is signed, and what it means is not the codec's to judge.</summary>
    [Theory]
    [InlineData(0x0101, 0x0002, 1)]
    [InlineData(0x0200, 0x400A, int.MaxValue)]
    [InlineData(-1, -2, -3)]
    [InlineData(0, 0, 0)]
    public void Header_AnyNumbers_AreRead(short version, short code, int requestId)
    {
        var message = Read([.. Header(version, code, requestId), .. EndOfAttributes]);
        Assert.Equal((version, code, requestId), (message.Version, message.Code, message.RequestId));
        Assert.Equal(((IppOperation)code, (IppStatus)code), (message.Operation, message.Status));
        Assert.Empty(message.Groups);
    }

    /// <summary>
    /// RFC 8010 section 3.5.1: every tag below 0x10 begins a group, known or not, but for 0x03, which ends them all, and the reserved 0x00.
    /// </summary>
    [Fact]
    public void Group_EveryDelimiter_IsAGroup()
    {
        for (byte tag = 0; tag <= 0x0F; tag++)
        {
            var reading = IppReading.Of(Message([tag], Copies, EndOfAttributes));
            switch (tag)
            {
                case 0:
                    Assert.Equal(IppStatus.BadRequest, reading.Refusal);
                    break;
                case 3:
                    Assert.Empty(reading.Message!.Groups);
                    Assert.Equal((true, 9), (reading.IsComplete, reading.Consumed));
                    break;
                default:
                    var group = Assert.Single(reading.Message!.Groups);
                    Assert.Equal((IppTag)tag, group.Tag);
                    Assert.Equal(20, group["copies"]!.Number);
                    break;
            }
        }
    }

    /// <summary>RFC 8010 section 3.3: a group may be empty, and there may be several of a kind.</summary>
    [Fact]
    public void Group_EmptyOnesAndSeveralOfAKind_AreKeptInOrder()
    {
        var message = Read(Message(OperationGroup, JobGroup, JobGroup, Copies, UnsupportedGroup, EndOfAttributes));
        Assert.Equal([0x01, 0x02, 0x02, 0x05], message.Groups.Select(static group => (int)group.Tag));
        Assert.Equal([0, 0, 1, 0], message.Groups.Select(static group => group.Attributes.Count));
        Assert.Same(message.Groups[1], message[IppTag.JobAttributes]);
        Assert.Null(message[IppTag.PrinterAttributes]);
    }

    [Fact]
    public void Group_AsManyAsTheLimitAndOneMore_AreReadAndTooMany()
    {
        var groups = Enumerable.Repeat(JobGroup, IppParser.MaxGroups).ToArray();
        Assert.Equal(IppParser.MaxGroups, Read(Message([.. groups, EndOfAttributes])).Groups.Count);
        Assert.Equal(IppStatus.RequestEntityTooLarge, IppReading.Of(Message([.. groups, JobGroup])).Refusal);
    }

    /// <summary>RFC 8010 sections 3.1.4 and 3.1.5: a value without a name is one more of the same attribute, of whatever type.</summary>
    [Fact]
    public void Attribute_AdditionalValues_AreItsOwn()
    {
        var message = Read(Request(
            Field(0x44, "sides", "one-sided"), More(0x44, "two-sided"), More(0x42, "Ä"u8.ToArray()), More(0x13),
            Copies, More(0x33, [.. Int32(1), .. Int32(2)])));
        var attributes = message.Groups[0].Attributes;
        Assert.Equal(["sides", "copies"], attributes.Select(static attribute => attribute.Name));
        Assert.Equal(["44 \"one-sided\"", "44 \"two-sided\"", "42 \"\\u00C4\"", "13 -"], attributes[0].Values.Select(IppText.Of));
        Assert.Equal([20, new IppRange(1, 2)], attributes[1].Values.Select(static value => value.Content));
        Assert.Equal(("one-sided", 20), (attributes[0].Text, attributes[1].Number));
    }

    /// <summary>RFC 8010 section 3.6 and RFC 8011 section 4.1.3: such a group is malformed.</summary>
    [Fact]
    public void Attribute_TwiceInAGroup_IsRefused()
    {
        AssertBad(Request(Copies, Field(0x44, "sides", "a"), Copies));
        AssertBad(Request(Copies, Copies));
        AssertBad(Request(Field(0x34, "media-col"), EndCollection, Field(0x44, "media-col", "a")));
    }

    [Fact]
    public void Attribute_InTwoGroupsOrInOtherLetters_IsFine()
    {
        Read(Message(OperationGroup, Copies, JobGroup, Copies, JobGroup, Copies, EndOfAttributes));
        Assert.Equal(2, Read(Request(Copies, Field(0x21, "Copies", Int32(1)))).Groups[0].Attributes.Count);
    }

    /// <summary>RFC 8010 section 3.1.1: attributes are in groups.</summary>
    [Fact]
    public void Attribute_BeforeAnyGroup_IsRefused()
    {
        AssertBad(Message(Copies, OperationGroup, EndOfAttributes));
        AssertBad(Message(BeginCollection("media-col"), EndCollection, EndOfAttributes));
        AssertBad(Message(EndCollection));
    }

    [Fact]
    public void Value_WithoutAnAttribute_IsRefused()
    {
        AssertBad(Request(More(0x21, Int32(1))));
        AssertBad(Request(More(0x34)));
        AssertBad(Request(More(0x47, new byte[257])));
        AssertBad(Message(OperationGroup, Copies, JobGroup, More(0x21, Int32(1)), EndOfAttributes));
    }

    /// <summary>RFC 8010 section 3.7 and RFC 8011 section 5.1.4: a name is a keyword.</summary>
    [Fact]
    public void Name_LongestAndOneMore_AreReadAndRefused()
    {
        var longest = new string('n', 255);
        Assert.Equal(longest, Read(Request(Field(0x21, longest, Int32(1)))).Groups[0].Attributes[0].Name);
        AssertBad(Request(Field(0x21, longest + 'n', Int32(1))));
        AssertBad(Message(OperationGroup, [0x21], Int16(256)));
    }

    [Fact]
    public void Name_NotAscii_IsRefused()
    {
        AssertBad(Request(Field(0x21, "größe"u8.ToArray(), Int32(1))));
        AssertBad(Request(Field(0x21, [0xFF], Int32(1))));
    }

    /// <summary>RFC 8010 sections 3.6 and 3.8: lengths are signed. A wrong one is refused before anything of that length has come.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(short.MinValue)]
    public void Length_Negative_IsRefusedAtOnce(short length)
    {
        AssertBad(Message(OperationGroup, [0x41], Int16(length)));
        AssertBad(Message(OperationGroup, [0x41], Int16(1), "n"u8.ToArray(), Int16(length)));
        AssertBad(Message(OperationGroup, BeginCollection("c"), [0x4A], Int16(0), Int16(length)));
    }

    /// <summary>A length that says more than there is takes what follows for a value, and then there is too little.</summary>
    [Fact]
    public void Length_OfMoreThanThereIs_EndsInNothing()
    {
        var wire = Request(Field(0x41, "status-message", "a"));
        var length = wire.Length - 3;
        Assert.Equal(1, wire[length]);
        for (var lie = 2; lie <= byte.MaxValue; lie++)
        {
            wire[length] = (byte)lie;
            var reading = IppReading.Of(wire);
            Assert.False(reading.IsComplete);
            Assert.Null(reading.Refusal);
            Assert.Empty(reading.Message!.Groups[0].Attributes);
        }
    }

    [Fact]
    public void Length_OfLessThanThereIs_IsRefusedOrRead()
    {
        for (var length = 0; length < 10; length++)
        {
            var reading = IppReading.Of(Message(OperationGroup, [0x42], Int16(length), Ascii("job-name"), Int16(1), Ascii("a"), EndOfAttributes));
            Assert.False(reading.IsComplete && length != 8, $"a name of {length}");
        }
    }

    /// <summary>What has come before a failure can be answered: the answer names the request, and has its charset.</summary>
    [Fact]
    public void TryRead_FailureInALaterAttribute_LeavesWhatCameBefore()
    {
        var reading = IppReading.Of(Request(Field(0x47, "attributes-charset", "utf-8"), Copies, Field(0x22, "flag", 2)));
        Assert.Equal(IppStatus.BadRequest, reading.Refusal);
        Assert.Equal(1, reading.Message!.RequestId);
        Assert.Equal("utf-8", reading.Message[IppTag.OperationAttributes]!["attributes-charset"]!.Text);
    }

    /// <summary>RFC 8010 section 3.10: what follows is the document, whatever it looks like.</summary>
    [Fact]
    public void TryRead_Document_IsLeftAlone()
    {
        var wire = Request(Copies);
        foreach (var document in (byte[][])["%PDF-1.7"u8.ToArray(), OperationGroup, EndOfAttributes, [0, 0, 0], new byte[IppParser.MaxLength]])
        {
            var reading = IppReading.Of((byte[])[.. wire, .. document]);
            Assert.Equal((true, wire.Length), (reading.IsComplete, reading.Consumed));
        }
    }

    /// <summary>A request with a value of each type, cut after each octet: it is not complete before its end, and never anything else.</summary>
    [Fact]
    public void TryRead_CutAnywhere_IsIncomplete()
    {
        var wire = IppSamples.Everything;
        for (var length = 0; length < wire.Length; length++)
        {
            var reading = IppReading.Of(wire.AsMemory(0, length));
            Assert.Equal((false, null, length < 8), (reading.IsComplete, reading.Refusal, reading.Message is null));
        }

        Assert.True(IppReading.Of(wire).IsComplete);
    }

    [Fact]
    public void TryRead_OctetByOctetOrCutInTwo_IsTheSame()
    {
        Assert.Equal(IppReading.Of(IppSamples.Everything).Verdict, IppReading.OctetByOctet(IppSamples.Everything).Verdict);
        var wire = IppSamples.Short;
        for (var position = 1; position < wire.Length; position++)
        {
            Assert.Equal(IppReading.Of(wire).Verdict, IppReading.Of(wire.AsMemory(0, position), wire.AsMemory(position)).Verdict);
        }
    }

    /// <summary>Every octet of a request in turn made wrong: a message, the beginning of one, or a refusal, and the same however it is cut.</summary>
    [Fact]
    public void TryRead_AnyOctetChanged_IsReadOrRefused()
    {
        var wire = IppSamples.Short;
        for (var position = 0; position < wire.Length; position++)
        {
            var right = wire[position];
            foreach (var wrong in (byte[])[0, (byte)(right ^ 1), (byte)(right + 1), 0x03, 0x34, 0x37, 0x4A, 0x7F, 0x80, 0xFF])
            {
                wire[position] = wrong;
                Assert.Equal(IppReading.Of(wire).Verdict, IppReading.Of(wire.AsMemory(0, position), wire.AsMemory(position)).Verdict);
            }

            wire[position] = right;
        }
    }

    private static IppMessage Read(byte[] wire)
    {
        var reading = IppReading.Of(wire);
        Assert.Null(reading.Refusal);
        Assert.Equal((true, wire.Length), (reading.IsComplete, reading.Consumed));
        return reading.Message!;
    }

    private static void AssertBad(byte[] wire) => Assert.Equal(IppStatus.BadRequest, IppReading.Of(wire).Refusal);
}
