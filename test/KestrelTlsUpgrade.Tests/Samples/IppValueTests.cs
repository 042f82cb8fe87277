using System.Text;
using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.IppWire;

namespace KestrelTlsUpgrade.Tests.Samples;

/// <summary>Values of every type (RFC 8010 sections 3.5.2, 3.8 and 3.9), and how long they may be (RFC 8011 section 5.1).</summary>
public sealed class IppValueTests
{
    private static readonly int[] AsciiTags = [0x44, 0x45, 0x46, 0x47, 0x48, 0x49];

    [Fact]
    public void Value_OfEveryType_IsRead()
    {
        foreach (var (tag, octets, text) in IppSamples.Values)
        {
            Assert.Equal(text, IppText.Of(Read(tag, octets)));
        }
    }

    /// <summary>
    /// RFC 8010 section 3.5.2: whoever does not know a type takes its value as it is. All tags from 0x10 on are types, apart from
    /// those of collections.
    /// </summary>
    [Fact]
    public void Value_OfUnknownType_IsTakenAsItIs()
    {
        byte[] octets = [0xFF, 0x00, 0x80, 0x41, 0x03];
        int[] known = [0x10, 0x12, 0x13, 0x21, 0x22, 0x23, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x41, 0x42, .. AsciiTags, 0x4A];
        foreach (var tag in Enumerable.Range(0x10, 0xF0).Except(known))
        {
            Assert.Equal($"{tag:x2} [FF00804103]", IppText.Of(Read(tag, octets)));
        }
    }

    /// <summary>RFC 8010 section 3.8: a value-length MUST be 0 for the out-of-band values that it defines.</summary>
    [Theory]
    [InlineData(0x10)]
    [InlineData(0x12)]
    [InlineData(0x13)]
    public void OutOfBand_WithAValue_IsRefused(int tag)
    {
        Assert.Null(Read(tag).Content);
        AssertRefused(IppStatus.BadRequest, tag, 0);
    }

    /// <summary>RFC 8010 section 3.9: these lengths are the only ones.</summary>
    [Theory]
    [InlineData(0x21, 4)]
    [InlineData(0x22, 1)]
    [InlineData(0x23, 4)]
    [InlineData(0x31, 11)]
    [InlineData(0x32, 9)]
    [InlineData(0x33, 8)]
    public void FixedLength_AnyOther_IsRefused(int tag, int length)
    {
        var value = tag == 0x31 ? IppSamples.Time : new byte[length];
        Assert.NotNull(Read(tag, value).Content);
        for (var other = 0; other <= 2 * length; other++)
        {
            if (other != length)
            {
                AssertRefused(IppStatus.BadRequest, tag, [.. value.Concat(value).Take(other)]);
            }
        }

        AssertRefused(IppStatus.BadRequest, tag, new byte[short.MaxValue]);
    }

    [Fact]
    public void Boolean_NeitherTrueNorFalse_IsRefused()
    {
        for (var value = 2; value <= byte.MaxValue; value++)
        {
            AssertRefused(IppStatus.BadRequest, 0x22, (byte)value);
        }
    }

    /// <summary>RFC 8011 sections 5.1.2 to 5.1.10: so many octets, which are fewer characters. One more is a value that is too long.</summary>
    [Theory]
    [InlineData(0x30, 1023)]
    [InlineData(0x41, 1023)]
    [InlineData(0x42, 255)]
    [InlineData(0x44, 255)]
    [InlineData(0x45, 1023)]
    [InlineData(0x46, 63)]
    [InlineData(0x47, 63)]
    [InlineData(0x48, 63)]
    [InlineData(0x49, 255)]
    public void MaxLength_ExactlyAndOneMore_IsReadAndTooLong(int tag, int length)
    {
        Assert.NotNull(Read(tag, Ascii(new string('a', length))).Content);
        AssertRefused(IppStatus.RequestValueTooLong, tag, Ascii(new string('a', length + 1)));
        if (tag is 0x41 or 0x42)
        {
            var umlauts = Encoding.UTF8.GetBytes(new string('ü', length / 2));
            Assert.Equal(new string('ü', length / 2), Read(tag, umlauts).Content);
            AssertRefused(IppStatus.RequestValueTooLong, tag, [.. umlauts, .. umlauts[..2]]);
        }
    }

    /// <summary>RFC 8010 section 3.8: a value of an unknown type has any length that can be said.</summary>
    [Fact]
    public void MaxLength_OfUnknownType_IsAllThatCanBeSaid() =>
        Assert.Equal(short.MaxValue, Assert.IsType<byte[]>(Read(0x60, new byte[short.MaxValue]).Content).Length);

    /// <summary>RFC 8010 section 3.9: all but texts and names is US-ASCII.</summary>
    [Fact]
    public void Text_NotInItsCharset_IsRefused()
    {
        foreach (var tag in AsciiTags)
        {
            AssertRefused(IppStatus.BadRequest, tag, "ü"u8.ToArray());
            AssertRefused(IppStatus.BadRequest, tag, 0x61, 0x80);
        }

        AssertRefused(IppStatus.BadRequest, 0x35, [.. Int16(2), .. "ü"u8, .. Int16(1), 0x61]);
        byte[][] malformed = [[0xFF], [0x80], [0x61, 0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]];
        foreach (var octets in malformed)
        {
            AssertRefused(IppStatus.BadRequest, 0x41, octets);
            AssertRefused(IppStatus.BadRequest, 0x42, octets);
            AssertRefused(IppStatus.BadRequest, 0x35, [.. Int16(2), .. "en"u8, .. Int16(octets.Length), .. octets]);
            AssertRefused(IppStatus.BadRequest, 0x35, [.. Int16(octets.Length), .. octets, .. Int16(1), 0x61]);
        }
    }

    [Fact]
    public void Text_OfAnyCharacters_IsReadHoweverItIsCut()
    {
        foreach (var text in (string[])["", "\0", "a\r\nb", "Prüfung", "印刷", "🖨️", "\uFEFFmark"])
        {
            Assert.Equal(text, Read(0x41, Encoding.UTF8.GetBytes(text)).Content);
        }
    }

    /// <summary>
    /// RFC 8010 section 3.9: four fields, whose lengths add up. RFC 8011 sections 5.1.2.2 and 5.1.3.2: language and text have limits of their own.
    /// </summary>
    [Theory]
    [InlineData(0x35, 1023)]
    [InlineData(0x36, 255)]
    public void Localized_Lengths_MatchAndHaveLimits(int tag, int length)
    {
        var language = new string('l', 63);
        var text = new string('t', length);
        Assert.Equal(new IppLocalizedText(language, text), Read(tag, Localized(language, text)).Content);
        AssertRefused(IppStatus.RequestValueTooLong, tag, Localized(language + 'l', ""));
        AssertRefused(IppStatus.RequestValueTooLong, tag, Localized("", text + 't'));

        var right = Localized("en", "text");
        for (var octets = 0; octets < right.Length; octets++)
        {
            AssertRefused(IppStatus.BadRequest, tag, right[..octets]);
        }

        AssertRefused(IppStatus.BadRequest, tag, [.. right, 0]);
        foreach (var position in (int[])[0, 4])
        {
            foreach (var length2 in (int[])[-1, 0, 1, 3, 5, short.MaxValue, short.MinValue])
            {
                byte[] wrong = [.. right[..position], .. Int16(length2), .. right[(position + 2)..]];
                AssertRefused(IppStatus.BadRequest, tag, wrong);
            }
        }
    }

    /// <summary>RFC 8010 section 3.5.2: the first four octets are the type.</summary>
    [Fact]
    public void Extension_WithoutItsType_IsRefused()
    {
        for (var length = 0; length < 4; length++)
        {
            AssertRefused(IppStatus.BadRequest, 0x7F, new byte[length]);
        }

        Assert.Equal("7f [00000000]", IppText.Of(Read(0x7F, new byte[4])));
    }

    /// <summary>RFC 2579, DateAndTime: every field with every value.</summary>
    [Fact]
    public void DateTime_EveryValueOfEveryField_IsReadOrRefused()
    {
        (int First, int Last)[] ranges = [(0x00, 0x27), (0, 0xFF), (1, 12), (1, 31), (0, 23), (0, 59), (0, 60), (0, 9), (0, 0xFF), (0, 14), (0, 59)];
        for (var field = 0; field < ranges.Length; field++)
        {
            var octets = IppSamples.Time.ToArray();
            octets[10] = 0;
            for (var value = 0; value <= byte.MaxValue; value++)
            {
                octets[field] = (byte)value;
                var year = (octets[0] << 8) + octets[1];
                var isRight = field switch
                {
                    0 or 1 => year is >= 1 and <= 9999,
                    8 => value is '+' or '-',
                    _ => value >= ranges[field].First && value <= ranges[field].Last,
                };
                var reading = IppReading.Of(Request(Field(0x31, "t", octets)));
                Assert.Equal((isRight, isRight ? null : IppStatus.BadRequest), (reading.IsComplete, reading.Refusal));
                if (isRight)
                {
                    var time = Assert.IsType<DateTimeOffset>(reading.Message!.Groups[0].Attributes[0].Values[0].Content);
                    Assert.Equal(field == 6 ? Math.Min(value, 59) : 0, time.Second);
                    Assert.Equal(field == 7 ? 100 * value : 500, time.Millisecond);
                    Assert.Equal(field == 8 && value == '-' ? -5 : field == 9 ? value : 5, time.Offset.Hours);
                    Assert.Equal((year, field == 2 ? value : 1, field == 3 ? value : 1), (time.Year, time.Month, time.Day));
                    Assert.Equal((field == 4 ? value : 12, field == 5 ? value : 0), (time.Hour, time.Minute));
                    Assert.Equal(field == 10 ? value : 0, time.Offset.Minutes);
                }
            }
        }
    }

    [Theory]
    [InlineData(2024, 2, 29, '+', 0, 0, true)]
    [InlineData(2023, 2, 29, '+', 0, 0, false)]
    [InlineData(2024, 4, 31, '+', 0, 0, false)]
    [InlineData(2024, 4, 30, '+', 14, 0, true)]
    [InlineData(2024, 4, 30, '-', 14, 0, true)]
    [InlineData(2024, 4, 30, '+', 14, 1, false)]
    [InlineData(2024, 4, 30, '-', 14, 1, false)]
    [InlineData(2024, 4, 30, '-', 9, 30, true)]
    [InlineData(1, 1, 1, '+', 14, 0, false)]
    [InlineData(9999, 12, 31, '-', 14, 0, false)]
    public void DateTime_DayThatIsOrIsNot_IsReadOrRefused(int year, int month, int day, char direction, int hours, int minutes, bool isRight)
    {
        byte[] octets = [.. Int16(year), (byte)month, (byte)day, 12, 30, 60, 9, (byte)direction, (byte)hours, (byte)minutes];
        var reading = IppReading.Of(Request(Field(0x31, "t", octets)));
        Assert.Equal(isRight ? null : IppStatus.BadRequest, reading.Refusal);
        if (isRight)
        {
            var offset = new TimeSpan(hours, minutes, 0);
            var expected = new DateTimeOffset(year, month, day, 12, 30, 59, 900, direction == '-' ? -offset : offset);
            Assert.True(expected.EqualsExact((DateTimeOffset)reading.Message!.Groups[0].Attributes[0].Values[0].Content!));
        }
    }

    /// <summary>The value as a whole, and octet by octet.</summary>
    private static IppValue Read(int tag, params byte[] octets)
    {
        var wire = Request(Field(tag, "a", octets));
        var reading = IppReading.Of(wire);
        Assert.Null(reading.Refusal);
        Assert.Equal((true, wire.Length), (reading.IsComplete, reading.Consumed));
        Assert.Equal(reading.Verdict, IppReading.OctetByOctet(wire).Verdict);
        return Assert.Single(Assert.Single(reading.Message!.Groups[0].Attributes).Values);
    }

    private static void AssertRefused(IppStatus expected, int tag, params byte[] octets)
    {
        var wire = Request(Field(tag, "a", octets));
        Assert.Equal(expected, IppReading.Of(wire).Refusal);
        Assert.Equal(expected, IppReading.Of(Request(BeginCollection("c"), Member("m"), More(tag, octets))).Refusal);
        if (octets.Length < 100)
        {
            Assert.Equal(expected, IppReading.OctetByOctet(wire).Refusal);
        }
    }
}
