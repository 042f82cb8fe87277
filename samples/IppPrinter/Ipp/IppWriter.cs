using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace IppPrinter.Ipp;

/// <summary>Writes a message in its wire format (RFC 8010 section 3).</summary>
internal static class IppWriter
{
    public static void Write(IppMessage message, IBufferWriter<byte> output)
    {
        WriteInt16(output, message.Version);
        WriteInt16(output, message.Code);
        WriteInt32(output, message.RequestId);
        foreach (var group in message.Groups)
        {
            WriteTag(output, group.Tag);
            foreach (var attribute in group.Attributes)
            {
                for (var i = 0; i < attribute.Values.Count; i++)
                {
                    WriteValue(output, i == 0 ? attribute.Name : "", attribute.Values[i]);
                }
            }
        }

        WriteTag(output, IppTag.EndOfAttributes);
    }

    private static void WriteValue(IBufferWriter<byte> output, string name, IppValue value)
    {
        WriteTag(output, value.Tag);
        WriteText(output, name);
        switch (value.Content)
        {
            case null:
                WriteInt16(output, 0);
                break;
            case int number:
                WriteInt16(output, sizeof(int));
                WriteInt32(output, number);
                break;
            case bool flag:
                WriteInt16(output, 1);
                output.Write([flag ? (byte)1 : (byte)0]);
                break;
            case IppRange range:
                WriteInt16(output, 2 * sizeof(int));
                WriteInt32(output, range.Lower);
                WriteInt32(output, range.Upper);
                break;
            case IppResolution resolution:
                WriteInt16(output, (2 * sizeof(int)) + 1);
                WriteInt32(output, resolution.CrossFeed);
                WriteInt32(output, resolution.Feed);
                output.Write([resolution.Units]);
                break;
            case DateTimeOffset time:
                WriteDateTime(output, time);
                break;
            case IppLocalizedText localized:
                WriteInt16(output, checked((short)((2 * sizeof(short)) + LengthOf(localized.Language) + LengthOf(localized.Text))));
                WriteText(output, localized.Language);
                WriteText(output, localized.Text);
                break;
            case IReadOnlyList<IppAttribute> members:
                WriteInt16(output, 0);
                WriteMembers(output, members);
                break;
            case string text:
                WriteText(output, text);
                break;
            case byte[] octets:
                WriteInt16(output, checked((short)octets.Length));
                output.Write(octets);
                break;
        }
    }

    /// <summary>RFC 8010 section 3.1.6.</summary>
    private static void WriteMembers(IBufferWriter<byte> output, IReadOnlyList<IppAttribute> members)
    {
        foreach (var member in members)
        {
            WriteTag(output, IppTag.MemberName);
            WriteText(output, "");
            WriteText(output, member.Name);
            foreach (var value in member.Values)
            {
                WriteValue(output, "", value);
            }
        }

        WriteTag(output, IppTag.EndOfCollection);
        WriteText(output, "");
        WriteText(output, "");
    }

    private static void WriteDateTime(IBufferWriter<byte> output, DateTimeOffset time)
    {
        var offset = time.Offset.Duration();
        WriteInt16(output, 11);
        WriteInt16(output, (short)time.Year);
        output.Write(
        [
            (byte)time.Month, (byte)time.Day, (byte)time.Hour, (byte)time.Minute, (byte)time.Second, (byte)(time.Millisecond / 100),
            time.Offset < TimeSpan.Zero ? (byte)'-' : (byte)'+', (byte)offset.Hours, (byte)offset.Minutes,
        ]);
    }

    private static short LengthOf(string text) => checked((short)Encoding.UTF8.GetByteCount(text));

    private static void WriteText(IBufferWriter<byte> output, string text)
    {
        WriteInt16(output, LengthOf(text));
        Encoding.UTF8.GetBytes(text, output);
    }

    private static void WriteTag(IBufferWriter<byte> output, IppTag tag) => output.Write([(byte)tag]);

    private static void WriteInt16(IBufferWriter<byte> output, short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(output.GetSpan(sizeof(short)), value);
        output.Advance(sizeof(short));
    }

    private static void WriteInt32(IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(sizeof(int)), value);
        output.Advance(sizeof(int));
    }
}
