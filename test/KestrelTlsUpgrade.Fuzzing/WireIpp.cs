using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using IppPrinter.Ipp;

namespace KestrelTlsUpgrade.Fuzzing;

/// <summary>
/// A message of IPP, read in the plainest way there is (RFC 8010 section 3, RFC 8011 section 5.1), for comparison with what the codec made
/// of it. It is all there, and in one piece.
/// </summary>
internal sealed class WireIpp
{
    private static readonly UTF8Encoding Utf8 = new(false, true);

    private readonly byte[] _wire;
    private readonly StringBuilder _text = new();
    private int _position;

    private WireIpp(byte[] wire) => _wire = wire;

    public bool IsComplete { get; private set; }

    public IppStatus? Refusal { get; private set; }

    /// <summary>How long the message is, if it is complete.</summary>
    public int Length => _position;

    /// <summary>What it says, if it is complete, in the words of <see cref="Testing.IppText"/>.</summary>
    public string Text => _text.ToString();

    public static WireIpp Read(byte[] wire)
    {
        var message = new WireIpp(wire);
        try
        {
            message.ReadMessage();
            message.IsComplete = true;
        }
        catch (EndOfStreamException)
        {
        }
        catch (IppException refusal)
        {
            message.Refusal = refusal.Status;
        }

        return message;
    }

    private static void Expect(bool condition, IppStatus otherwise = IppStatus.BadRequest)
    {
        if (!condition)
        {
            throw new IppException(otherwise, "");
        }
    }

    private void ReadMessage()
    {
        _text.Append($"{ReadInt16():x4} {ReadInt16():x4} {(ReadInt16() << 16) | (ushort)ReadInt16()}");
        var names = new HashSet<string>();
        var groups = 0;
        var isOpen = false;
        for (var tag = ReadOctet(); tag != 0x03; tag = ReadOctet())
        {
            if (tag < 0x10)
            {
                Expect(tag > 0);
                Expect(++groups <= IppParser.MaxGroups, IppStatus.RequestEntityTooLarge);
                _text.Append(isOpen ? ";" : "").Append($"\n{tag:x2}:");
                isOpen = false;
                names.Clear();
                continue;
            }

            var (name, value) = ReadField();
            Expect(groups > 0 && tag is not (0x37 or 0x4A));
            if (name.Length > 0)
            {
                var isNew = names.Add(ToAscii(name, 255));
                Expect(isNew);
                _text.Append(isOpen ? "; " : " ").Append(ToAscii(name, 255)).Append('=');
            }
            else
            {
                Expect(isOpen);
                _text.Append(',');
            }

            isOpen = true;
            AppendValue(tag, value, depth: 1);
        }

        _text.Append(isOpen ? ";" : "");
    }

    private void ReadCollection(int depth)
    {
        Expect(depth <= IppParser.MaxDepth);
        _text.Append('{');
        var names = new HashSet<string>();
        var values = 0;
        while (true)
        {
            var tag = ReadOctet();
            Expect(tag >= 0x10);
            var (name, value) = ReadField();
            Expect(name.Length == 0);
            var isEnd = tag == 0x37;
            if (isEnd || tag == 0x4A)
            {
                Expect(!isEnd || value.Length == 0);
                var memberName = isEnd ? "" : ToAscii(value, 255);
                Expect(isEnd || memberName.Length > 0);
                Expect(names.Count == 0 || values > 0);
                _text.Append(names.Count > 0 ? ";" : "");
                if (isEnd)
                {
                    _text.Append('}');
                    return;
                }

                Expect(names.Add(memberName));
                _text.Append($" {memberName}=");
                values = 0;
                continue;
            }

            Expect(names.Count > 0);
            _text.Append(values++ > 0 ? "," : "");
            AppendValue(tag, value, depth + 1);
        }
    }

    private void AppendValue(int tag, byte[] value, int depth)
    {
        _text.Append($"{tag:x2} ");
        if (tag == 0x34)
        {
            Expect(value.Length == 0);
            ReadCollection(depth);
            return;
        }

        _text.Append(tag switch
        {
            0x10 or 0x12 or 0x13 => Exactly(value, 0, static _ => "-"),
            0x21 or 0x23 => Exactly(value, 4, static octets => $"{ToInt32(octets, 0)}"),
            0x22 => Exactly(value, 1, static octets => octets[0] < 2 ? (octets[0] == 1).ToString() : null),
            0x31 => Exactly(value, 11, ToTime),
            0x32 => Exactly(value, 9, static octets => new IppResolution(ToInt32(octets, 0), ToInt32(octets, 4), octets[8]).ToString()),
            0x33 => Exactly(value, 8, static octets => new IppRange(ToInt32(octets, 0), ToInt32(octets, 4)).ToString()),
            0x35 => ToLocalized(value, 1023),
            0x36 => ToLocalized(value, 255),
            0x41 => JsonSerializer.Serialize(ToText(value, 1023)),
            0x42 => JsonSerializer.Serialize(ToText(value, 255)),
            0x44 or 0x49 => JsonSerializer.Serialize(ToAscii(value, 255)),
            0x45 => JsonSerializer.Serialize(ToAscii(value, 1023)),
            0x46 or 0x47 or 0x48 => JsonSerializer.Serialize(ToAscii(value, 63)),
            0x30 => $"[{Convert.ToHexString(AtMost(value, 1023))}]",
            0x7F when value.Length < 4 => throw new IppException(IppStatus.BadRequest, ""),
            _ => $"[{Convert.ToHexString(value)}]",
        });
    }

    private static string? Exactly(byte[] value, int length, Func<byte[], string?> read)
    {
        Expect(value.Length == length);
        var text = read(value);
        Expect(text is not null);
        return text;
    }

    private static byte[] AtMost(byte[] value, int length)
    {
        Expect(value.Length <= length, IppStatus.RequestValueTooLong);
        return value;
    }

    private static string ToLocalized(byte[] value, int length)
    {
        var languageLength = value.Length < 2 ? -1 : BinaryPrimitives.ReadInt16BigEndian(value);
        Expect(languageLength >= 0 && value.Length >= 4 + languageLength);
        Expect(BinaryPrimitives.ReadInt16BigEndian(value.AsSpan(2 + languageLength)) == value.Length - 4 - languageLength);
        return new IppLocalizedText(ToAscii(value[2..(2 + languageLength)], 63), ToText(value[(4 + languageLength)..], length)).ToString();
    }

    private static string ToText(byte[] value, int length)
    {
        AtMost(value, length);
        Expect(System.Text.Unicode.Utf8.IsValid(value));
        return Utf8.GetString(value);
    }

    private static string ToAscii(byte[] value, int length)
    {
        AtMost(value, length);
        Expect(!value.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)0x7F));
        return Encoding.ASCII.GetString(value);
    }

    private static string? ToTime(byte[] octets)
    {
        var year = (octets[0] << 8) | octets[1];
        var isDay = year is >= 1 and <= 9999 && octets[2] is >= 1 and <= 12 && octets[3] >= 1 && octets[3] <= DateTime.DaysInMonth(year, octets[2]);
        var isTime = octets[4] < 24 && octets[5] < 60 && octets[6] <= 60 && octets[7] < 10;
        var offset = (60 * octets[9]) + octets[10];
        if (!isDay || !isTime || octets[8] is not ((byte)'+' or (byte)'-') || octets[10] > 59 || offset > 14 * 60)
        {
            return null;
        }

        // What is before the first or behind the last day of .NET in UTC is no time, either.
        var isWest = octets[8] == '-' && offset > 0;
        var minute = (60 * octets[4]) + octets[5];
        if ((year, octets[2], octets[3]) is (1, 1, 1) && !isWest && minute < offset)
        {
            return null;
        }

        if ((year, octets[2], octets[3]) is (9999, 12, 31) && isWest && minute + offset >= 24 * 60)
        {
            return null;
        }

        return $"{year:0000}-{octets[2]:00}-{octets[3]:00}T{octets[4]:00}:{octets[5]:00}:{Math.Min(octets[6], (byte)59):00}.{octets[7]}000000"
            + $"{(isWest ? '-' : '+')}{octets[9]:00}:{octets[10]:00}";
    }

    private static int ToInt32(byte[] octets, int start) => BinaryPrimitives.ReadInt32BigEndian(octets.AsSpan(start));

    private (byte[] Name, byte[] Value) ReadField() => (ReadBlock(255), ReadBlock(short.MaxValue));

    private byte[] ReadBlock(int maxLength)
    {
        var length = ReadInt16();
        Expect(length >= 0 && length <= maxLength);
        var start = _position;
        _position += length;
        return _position <= _wire.Length ? _wire[start.._position] : throw new EndOfStreamException();
    }

    private short ReadInt16() => (short)((ReadOctet() << 8) | ReadOctet());

    private int ReadOctet() => _position < _wire.Length ? _wire[_position++] : throw new EndOfStreamException();
}
