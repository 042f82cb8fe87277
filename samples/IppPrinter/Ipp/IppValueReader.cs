using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace IppPrinter.Ipp;

/// <summary>Reads the content of a value (RFC 8010 section 3.9). The lengths are those of RFC 8011 section 5.1.</summary>
internal static class IppValueReader
{
    /// <summary>Octets in the name of an attribute, which is a keyword.</summary>
    public const int MaxNameLength = 255;

    private const int MaxTextLength = 1023;
    private const int MaxTokenLength = 63;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="IppException">The value does not have the form that its tag says, or is too long.</exception>
    public static IppValue Read(IppTag tag, ReadOnlySequence<byte> value)
    {
        switch (tag)
        {
            case IppTag.Unsupported or IppTag.Unknown or IppTag.NoValue:
                Expect(tag, 0, value);
                return IppValue.Opaque(tag, null);
            case IppTag.Integer:
                return IppValue.Integer(BinaryPrimitives.ReadInt32BigEndian(Expect(tag, sizeof(int), value)));
            case IppTag.Enum:
                return IppValue.Enum(BinaryPrimitives.ReadInt32BigEndian(Expect(tag, sizeof(int), value)));
            case IppTag.Boolean:
                var flag = Expect(tag, 1, value)[0];
                return IppValue.Boolean(flag <= 1 ? flag == 1 : throw Bad("A boolean is neither true nor false."));
            case IppTag.DateTime:
                return ReadDateTime(Expect(tag, 11, value));
            case IppTag.Resolution:
                var resolution = Expect(tag, (2 * sizeof(int)) + 1, value);
                return IppValue.Resolution(new IppResolution(
                    BinaryPrimitives.ReadInt32BigEndian(resolution), BinaryPrimitives.ReadInt32BigEndian(resolution[4..]), resolution[8]));
            case IppTag.RangeOfInteger:
                var range = Expect(tag, 2 * sizeof(int), value);
                return IppValue.Range(BinaryPrimitives.ReadInt32BigEndian(range), BinaryPrimitives.ReadInt32BigEndian(range[4..]));
            case IppTag.TextWithLanguage:
                return ReadLocalized(tag, value, MaxTextLength);
            case IppTag.NameWithLanguage:
                return ReadLocalized(tag, value, MaxNameLength);
            case IppTag.Text:
                return IppValue.Characters(tag, ReadText(value, MaxTextLength));
            case IppTag.Name:
                return IppValue.Characters(tag, ReadText(value, MaxNameLength));
            case IppTag.Uri:
                return IppValue.Characters(tag, ReadAscii(value, MaxTextLength));
            case IppTag.Keyword or IppTag.MimeMediaType:
                return IppValue.Characters(tag, ReadAscii(value, MaxNameLength));
            case IppTag.UriScheme or IppTag.Charset or IppTag.NaturalLanguage:
                return IppValue.Characters(tag, ReadAscii(value, MaxTokenLength));
            case IppTag.OctetString:
                return IppValue.Opaque(tag, AtMost(MaxTextLength, value).ToArray());

            // The type of such a value is in its first four octets (RFC 8010 section 3.5.2).
            case IppTag.Extension when value.Length < sizeof(int):
                throw Bad("An extended value has no type.");
            default:
                return IppValue.Opaque(tag, value.ToArray());
        }
    }

    /// <summary>
    /// The name of an attribute or a member. RFC 8010 section 3.2 has no capital letters in it, but a client's own attribute with some is
    /// no reason to refuse its job.
    /// </summary>
    /// <exception cref="IppException">It is empty, too long or not ASCII.</exception>
    public static string ReadName(ReadOnlySequence<byte> octets) =>
        octets.IsEmpty ? throw Bad("A member has no name.") : ReadAscii(octets, MaxNameLength);

    private static ReadOnlySpan<byte> Expect(IppTag tag, int length, ReadOnlySequence<byte> value)
    {
        if (value.Length != length)
        {
            throw Bad($"A value of type {tag} has {value.Length} octets.");
        }

        return value.IsSingleSegment ? value.FirstSpan : value.ToArray();
    }

    private static ReadOnlySequence<byte> AtMost(int length, ReadOnlySequence<byte> value) => value.Length <= length
        ? value
        : throw new IppException(IppStatus.RequestValueTooLong, $"A value has {value.Length} octets, where {length} are the most.");

    private static string ReadText(ReadOnlySequence<byte> octets, int maxLength)
    {
        try
        {
            return Utf8.GetString(AtMost(maxLength, octets));
        }
        catch (DecoderFallbackException)
        {
            throw Bad("A text is not UTF-8.");
        }
    }

    private static string ReadAscii(ReadOnlySequence<byte> octets, int maxLength)
    {
        var text = ReadText(octets, maxLength);
        return Ascii.IsValid(text) ? text : throw Bad("A name, a keyword or the like is not ASCII.");
    }

    /// <summary>RFC 2579's DateAndTime, with its time zone.</summary>
    private static IppValue ReadDateTime(ReadOnlySpan<byte> octets)
    {
        var (second, direction, minutes) = (octets[6], octets[8], octets[10]);
        if (second > 60 || direction is not ((byte)'+' or (byte)'-') || minutes > 59)
        {
            throw Bad("There is no such time.");
        }

        try
        {
            // .NET knows no leap second: it is taken for the one before it. Time zones go as far as 14 hours, one more than RFC 2579 knew.
            var time = new DateTime(
                BinaryPrimitives.ReadUInt16BigEndian(octets), octets[2], octets[3], octets[4], octets[5], Math.Min((int)second, 59), 100 * octets[7]);
            var offset = new TimeSpan(octets[9], minutes, 0);
            return IppValue.DateTime(new DateTimeOffset(time, direction == '-' ? -offset : offset));
        }
        catch (ArgumentException)
        {
            throw Bad("There is no such time.");
        }
    }

    private static IppValue ReadLocalized(IppTag tag, ReadOnlySequence<byte> value, int maxLength)
    {
        var reader = new SequenceReader<byte>(value);
        return TryReadBlock(ref reader, out var language) && TryReadBlock(ref reader, out var text) && reader.End
            ? IppValue.Localized(tag, new(ReadAscii(language, MaxTokenLength), ReadText(text, maxLength)))
            : throw Bad("The lengths in a text with a language do not match.");
    }

    private static bool TryReadBlock(ref SequenceReader<byte> reader, out ReadOnlySequence<byte> block)
    {
        block = default;
        return reader.TryReadBigEndian(out short length) && length >= 0 && reader.TryReadExact(length, out block);
    }

    private static IppException Bad(string message) => new(IppStatus.BadRequest, message);
}
