using System.Buffers;
using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.IppWire;

namespace KestrelTlsUpgrade.Tests.Samples;

/// <summary>What is written is what RFC 8010 section 3 has, and is read as it was meant.</summary>
public sealed class IppWriterTests
{
    [Fact]
    public void Write_WhatWasRead_IsTheSameOctets()
    {
        var wire = IppSamples.Everything;
        Assert.Equal(wire, Write(IppReading.Of(wire).Message!));
    }

    [Fact]
    public void Write_EveryKindOfValue_IsReadAsItWasMeant()
    {
        IppValue[] values =
        [
            IppValue.NoValue,
            IppValue.Integer(int.MinValue),
            IppValue.Boolean(true),
            IppValue.Boolean(false),
            IppValue.Enum(5),
            IppValue.DateTime(new DateTimeOffset(2024, 12, 31, 23, 59, 58, 700, new TimeSpan(-3, -30, 0))),
            IppValue.DateTime(new DateTimeOffset(1, 1, 1, 0, 0, 0, TimeSpan.Zero)),
            IppValue.DateTime(new DateTimeOffset(9999, 12, 31, 23, 59, 59, 900, new TimeSpan(14, 0, 0))),
            IppValue.Resolution(300),
            IppValue.Resolution(new IppResolution(-1, int.MaxValue, 4)),
            IppValue.Range(-1, 7),
            IppValue.Collection(),
            IppValue.Collection(new IppAttribute("a", IppValue.Integer(1), IppValue.NoValue), new IppAttribute("b", IppValue.Collection())),
            IppValue.Localized(IppTag.TextWithLanguage, new("de", "Grüße")),
            IppValue.Localized(IppTag.NameWithLanguage, new("de", "Büro")),
            IppValue.Octets("ö"),
            IppValue.Text("Grüße"),
            IppValue.Name(""),
            IppValue.Keyword("none"),
            IppValue.Uri("ipp://a/"),
            IppValue.Charset("utf-8"),
            IppValue.NaturalLanguage("en"),
            IppValue.MimeMediaType("image/jpeg"),
            IppValue.Characters(IppTag.UriScheme, "ipps"),
            IppValue.Opaque(IppTag.Unsupported, null),
            IppValue.Opaque(IppTag.Unknown, null),
            IppValue.Opaque(IppTag.Extension, [0, 0, 0, 9, 1]),
        ];
        var message = new IppMessage(IppMessage.Version20, (short)IppStatus.OkIgnoredOrSubstitutedAttributes, -7);
        message.Groups.Add(new IppGroup(IppTag.OperationAttributes).Add("all", values));
        message.Groups.Add(new IppGroup(IppTag.JobAttributes));
        message.Groups.Add(new IppGroup(IppTag.JobAttributes).Add(values.Select(static (value, i) => new IppAttribute($"a{i}", value))));
        var reading = IppReading.Of(Write(message));
        Assert.True(reading.IsComplete);
        Assert.Equal(IppText.Of(message), IppText.Of(reading.Message));
    }

    /// <summary>A length that cannot be said is not said.</summary>
    [Fact]
    public void Write_MoreThanALengthCanSay_Fails()
    {
        var longest = new string('a', short.MaxValue);
        Assert.Equal(short.MaxValue + 16, Write(Answer("a", IppValue.Text(longest))).Length);
        Assert.Equal(short.MaxValue + 16, Write(Answer("a", IppValue.Opaque(IppTag.OctetString, new byte[short.MaxValue]))).Length);
        IppValue[] tooLong =
        [
            IppValue.Text(longest + 'a'),
            IppValue.Text(new string('ü', (short.MaxValue / 2) + 1)),
            IppValue.Octets(longest + 'a'),
            IppValue.Localized(IppTag.TextWithLanguage, new("en", longest)),
            IppValue.Collection(new IppAttribute(longest + 'a', IppValue.NoValue)),
        ];
        foreach (var value in tooLong)
        {
            Assert.Throws<OverflowException>(() => Write(Answer("a", value)));
        }

        Assert.Throws<OverflowException>(() => Write(Answer(longest + 'a', IppValue.NoValue)));
    }

    /// <summary>RFC 8010 section 3.1.3: an attribute has a first value.</summary>
    [Fact]
    public void Attribute_WithoutAValue_CannotBe() => Assert.Throws<ArgumentException>(static () => new IppAttribute("a"));

    /// <summary>RFC 2579: tenths of a second are all that a time has.</summary>
    [Fact]
    public void Write_TimeWithMoreThanTenths_IsCut() =>
        Assert.Equal(
            Field(0x31, "t", [0x07, 0xE8, 2, 29, 1, 2, 3, 4, (byte)'-', 0, 30]),
            Write(Answer("t", IppValue.DateTime(new DateTimeOffset(2024, 2, 29, 1, 2, 3, 499, TimeSpan.FromMinutes(-30)))))[9..^1]);

    private static IppMessage Answer(string name, IppValue value)
    {
        var message = new IppMessage(IppMessage.Version11, (short)IppStatus.Ok, 1);
        message.Groups.Add(new IppGroup(IppTag.OperationAttributes).Add(name, value));
        return message;
    }

    private static byte[] Write(IppMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        IppWriter.Write(message, output);
        return output.WrittenSpan.ToArray();
    }
}
