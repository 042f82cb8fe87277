using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace IppPrinter.Ipp;

/// <summary>Reads the content of a value (RFC 8010 section 3.9).</summary>
internal static class IppValueReader
{
    private const int LastOutOfBand = 0x1F;
    private const int DateTimeLength = 11;
    private const int LongestFixed = 11;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="IppException">The value does not have the form that its tag says, or is too long.</exception>
    public static IppValue Read(IppTag tag, ReadOnlySequence<byte> value)
    {
        if ((byte)tag <= LastOutOfBand)
        {
            return IppValue.Opaque(tag, null);
        }

        if (value.Length > MaxLengthOf(tag))
        {
            throw new IppException(IppStatus.RequestValueTooLong, $"A value of type {tag} has {value.Length} octets.");
        }

        Span<byte> octets = stackalloc byte[LongestFixed];
        octets = octets[..(int)Math.Min(value.Length, LongestFixed)];
        value.Slice(0, octets.Length).CopyTo(octets);
        return tag switch
        {
            IppTag.Integer when value.Length == sizeof(int) => IppValue.Integer(BinaryPrimitives.ReadInt32BigEndian(octets)),
            IppTag.Enum when value.Length == sizeof(int) => IppValue.Enum(BinaryPrimitives.ReadInt32BigEndian(octets)),
            IppTag.Boolean when value.Length == 1 && octets[0] <= 1 => IppValue.Boolean(octets[0] == 1),
            IppTag.DateTime when value.Length == DateTimeLength => ReadDateTime(octets),
            IppTag.Resolution when value.Length == (2 * sizeof(int)) + 1 => IppValue.Resolution(new IppResolution(
                BinaryPrimitives.ReadInt32BigEndian(octets), BinaryPrimitives.ReadInt32BigEndian(octets[sizeof(int)..]), octets[^1])),
            IppTag.RangeOfInteger when value.Length == 2 * sizeof(int) => IppValue.Range(
                BinaryPrimitives.ReadInt32BigEndian(octets), BinaryPrimitives.ReadInt32BigEndian(octets[sizeof(int)..])),
            IppTag.Integer or IppTag.Enum or IppTag.Boolean or IppTag.DateTime or IppTag.Resolution or IppTag.RangeOfInteger =>
                throw Bad($"A value of type {tag} has {value.Length} octets, or is out of range."),
            IppTag.TextWithLanguage or IppTag.NameWithLanguage => ReadLocalized(tag, value),
            >= IppTag.Text and < IppTag.MemberName => IppValue.Characters(tag, ReadText(value)),
            _ => IppValue.Opaque(tag, value.ToArray()),
        };
    }

    /// <exception cref="IppException">It is not UTF-8.</exception>
    public static string ReadText(ReadOnlySequence<byte> octets)
    {
        try
        {
            return Utf8.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            throw Bad("A text is not UTF-8.");
        }
    }

    /// <summary>RFC 8011 section 5.1.</summary>
    private static int MaxLengthOf(IppTag tag) => tag switch
    {
        IppTag.Text or IppTag.Uri or IppTag.OctetString => 1023,
        IppTag.Name or IppTag.Keyword or IppTag.MimeMediaType => 255,
        IppTag.UriScheme or IppTag.Charset or IppTag.NaturalLanguage => 63,
        IppTag.TextWithLanguage => 1023 + 63 + (2 * sizeof(short)),
        IppTag.NameWithLanguage => 255 + 63 + (2 * sizeof(short)),
        _ => short.MaxValue,
    };

    /// <summary>RFC 2579's DateAndTime, with a time zone.</summary>
    private static IppValue ReadDateTime(ReadOnlySpan<byte> octets)
    {
        var offset = new TimeSpan(octets[9], octets[10], 0);
        try
        {
            // A leap second is the one after the 59th.
            var time = new DateTime(
                BinaryPrimitives.ReadUInt16BigEndian(octets), octets[2], octets[3], octets[4], octets[5], Math.Min(octets[6], (byte)59))
                .AddMilliseconds(100 * octets[7]);
            return IppValue.DateTime(new DateTimeOffset(time, octets[8] switch
            {
                (byte)'+' => offset,
                (byte)'-' => -offset,
                _ => throw Bad("A time has no direction from UTC."),
            }));
        }
        catch (ArgumentException)
        {
            throw Bad("There is no such time.");
        }
    }

    private static IppValue ReadLocalized(IppTag tag, ReadOnlySequence<byte> value)
    {
        var reader = new SequenceReader<byte>(value);
        return reader.TryReadBigEndian(out short languageLength) && languageLength >= 0
            && reader.TryReadExact(languageLength, out var language)
            && reader.TryReadBigEndian(out short textLength) && textLength >= 0
            && reader.TryReadExact(textLength, out var text)
            && reader.End
                ? IppValue.Localized(tag, new(ReadText(language), ReadText(text)))
                : throw Bad("The lengths in a text with a language do not match.");
    }

    private static IppException Bad(string message) => new(IppStatus.BadRequest, message);
}
