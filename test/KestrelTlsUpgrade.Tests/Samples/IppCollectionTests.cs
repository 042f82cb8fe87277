using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.IppWire;

namespace KestrelTlsUpgrade.Tests.Samples;

/// <summary>Collections (RFC 8010 sections 3.1.6 and 3.1.7).</summary>
public sealed class IppCollectionTests
{
    private static readonly byte[] One = More(0x21, Int32(1));

    [Fact]
    public void Collection_MembersAndNestedOnes_AreRead()
    {
        var message = Read(
            BeginCollection("media-col"), Member("media-size"), More(0x34), Member("x-dimension"), One, EndCollection,
            Member("media-type"), More(0x44, "stationery"), More(0x42, "Mine"), EndCollection,
            Field(0x44, "sides", "one-sided"));
        Assert.Equal(
            "0101 000b 1\n01: media-col=34 { media-size=34 { x-dimension=21 1;}; media-type=44 \"stationery\",42 \"Mine\";}; sides=44 \"one-sided\";",
            IppText.Of(message));
    }

    /// <summary>RFC 8010 section 3.1.6: a collection may have no members.</summary>
    [Fact]
    public void Collection_Empty_IsAValue() =>
        Assert.Equal("0101 000b 1\n01: c=34 {};", IppText.Of(Read(BeginCollection("c"), EndCollection)));

    [Fact]
    public void Collection_SeveralInASet_AreItsValues()
    {
        Assert.Equal(
            "0101 000b 1\n01: c=34 { a=21 1;},34 {},21 1,34 { a=21 1;};",
            IppText.Of(Read(
                BeginCollection("c"), Member("a"), One, EndCollection, More(0x34), EndCollection, One, More(0x34), Member("a"), One, EndCollection)));
        Assert.Equal(
            "0101 000b 1\n01: c=34 { a=34 {},21 1,34 {}; b=21 1;};",
            IppText.Of(Read(
                BeginCollection("c"), Member("a"), More(0x34), EndCollection, One, More(0x34), EndCollection, Member("b"), One, EndCollection)));
    }

    /// <summary>The same name is another member in another collection.</summary>
    [Fact]
    public void Member_SameNameElsewhere_IsFine() =>
        Assert.Equal(
            "0101 000b 1\n01: a=34 { a=34 { a=21 1;}; b=34 { a=21 1;};}; b=34 { a=21 1;};",
            IppText.Of(Read(
                BeginCollection("a"), Member("a"), More(0x34), Member("a"), One, EndCollection,
                Member("b"), More(0x34), Member("a"), One, EndCollection, EndCollection,
                BeginCollection("b"), Member("a"), One, EndCollection)));

    [Fact]
    public void Member_Twice_IsRefused()
    {
        AssertBad(BeginCollection("c"), Member("a"), One, Member("a"), One, EndCollection);
        AssertBad(BeginCollection("c"), Member("a"), One, Member("b"), One, Member("a"), One, EndCollection);
    }

    [Fact]
    public void Member_WithoutItsName_IsRefused()
    {
        AssertBad(BeginCollection("c"), One, EndCollection);
        AssertBad(BeginCollection("c"), More(0x34), EndCollection, EndCollection);
        AssertBad(BeginCollection("c"), Member(""), One, EndCollection);
        AssertBad(BeginCollection("c"), Member("a"), One, EndCollection, More(0x34), One, EndCollection);
    }

    [Fact]
    public void Member_WithoutAValue_IsRefused()
    {
        AssertBad(BeginCollection("c"), Member("a"), EndCollection);
        AssertBad(BeginCollection("c"), Member("a"), Member("b"), One, EndCollection);
        AssertBad(BeginCollection("c"), Member("a"), More(0x34), Member("b"), EndCollection, EndCollection);
    }

    /// <summary>RFC 8010 section 3.1.7: a member's name is a value, and the length of its own name is 0.</summary>
    [Fact]
    public void Member_WithItsNameInTheWrongPlace_IsRefused()
    {
        AssertBad(BeginCollection("c"), Field(0x4A, "a", "a"), One, EndCollection);
        AssertBad(BeginCollection("c"), Member("a"), Field(0x21, "a", Int32(1)), EndCollection);
        AssertBad(BeginCollection("c"), Member("a"), Field(0x34, "a"), EndCollection, EndCollection);
        AssertBad(BeginCollection("c"), Member("a"), One, Field(0x37, "c"));
        AssertBad(BeginCollection("c"), Member("a"), One, Field(0x21, "b", Int32(1)), EndCollection);
        AssertBad(BeginCollection("c"), Member("a"), One, Field(0x34, "b"), EndCollection, EndCollection);
    }

    /// <summary>RFC 8011 section 5.1.4: the name is a keyword.</summary>
    [Fact]
    public void Member_WithABadName_IsRefused()
    {
        var longest = new string('n', 255);
        Assert.Contains(longest, IppText.Of(Read(BeginCollection("c"), Member(longest), One, EndCollection)));
        Assert.Equal(IppStatus.RequestValueTooLong, IppReading.Of(Request(BeginCollection("c"), Member(longest + 'n'), One, EndCollection)).Refusal);
        AssertBad(BeginCollection("c"), More(0x4A, "größe"u8.ToArray()), One, EndCollection);
        AssertBad(BeginCollection("c"), More(0x4A, 0xFF), One, EndCollection);
    }

    [Fact]
    public void Collection_BeginningOrEndWithAValue_IsRefused()
    {
        AssertBad(Field(0x34, "c", 0), EndCollection);
        AssertBad(BeginCollection("c"), Member("a"), More(0x34, 0), EndCollection, EndCollection);
        AssertBad(BeginCollection("c"), More(0x37, 0));
    }

    /// <summary>Every group and the end of the message, too, is no place for an open collection.</summary>
    [Fact]
    public void Collection_WithoutAnEnd_IsRefused()
    {
        for (byte tag = 0; tag <= 0x0F; tag++)
        {
            AssertBad(BeginCollection("c"), [tag]);
            AssertBad(BeginCollection("c"), Member("a"), [tag]);
            AssertBad(BeginCollection("c"), Member("a"), More(0x34), EndCollection, [tag]);
        }
    }

    [Fact]
    public void Collection_EndOrMemberOutsideOfOne_IsRefused()
    {
        AssertBad(EndCollection);
        AssertBad(Field(0x37, "c"));
        AssertBad(Field(0x21, "copies", Int32(1)), EndCollection);
        AssertBad(BeginCollection("c"), EndCollection, EndCollection);
        AssertBad(Member("a"), One);
        AssertBad(Field(0x4A, "a", "a"));
        AssertBad(Field(0x21, "copies", Int32(1)), Member("a"), One);
    }

    [Fact]
    public void Collection_AsDeepAsTheLimitAndOneMore_IsReadAndRefused()
    {
        Read(Nested(IppParser.MaxDepth));
        AssertBad(Nested(IppParser.MaxDepth + 1));
        AssertBad([.. Nested(IppParser.MaxDepth).SkipLast(IppParser.MaxDepth), Member("b"), More(0x34), EndCollection]);

        // Side by side they are not deep.
        Read([.. Nested(IppParser.MaxDepth), .. Repeat(20, More(0x34), EndCollection)]);
        Read([.. Nested(IppParser.MaxDepth), .. Nested(IppParser.MaxDepth, "other")]);
    }

    private static byte[][] Nested(int depth, string name = "c") =>
        [BeginCollection(name), .. Repeat(depth - 1, Member("a"), More(0x34)), .. Repeat(depth, EndCollection)];

    private static IEnumerable<byte[]> Repeat(int count, params byte[][] fields) => Enumerable.Repeat(fields, count).SelectMany(static octets => octets);

    private static IppMessage Read(params byte[][] fields)
    {
        var wire = Request(fields);
        var reading = IppReading.Of(wire);
        Assert.Null(reading.Refusal);
        Assert.Equal((true, wire.Length), (reading.IsComplete, reading.Consumed));
        Assert.Equal(reading.Verdict, IppReading.OctetByOctet(wire).Verdict);
        return reading.Message!;
    }

    private static void AssertBad(params byte[][] fields)
    {
        var wire = Request(fields);
        Assert.Equal(IppStatus.BadRequest, IppReading.Of(wire).Refusal);
        Assert.Equal(IppStatus.BadRequest, IppReading.OctetByOctet(wire).Refusal);
    }
}
