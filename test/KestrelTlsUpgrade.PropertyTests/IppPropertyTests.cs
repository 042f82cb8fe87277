using System.Buffers;
using CsCheck;
using IppPrinter.Ipp;
using KestrelTlsUpgrade.Fuzzing.Targets;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.PropertyTests;

/// <summary>Messages of IPP of any content: what was put in is read, and what is nearly one keeps the rules of the target.</summary>
public sealed class IppPropertyTests
{
    private static readonly Gen<string> Ascii = Gen.Char["abcxyzAZ019-_./:"].Array[0, 20].Select(static chars => new string(chars));

    private static readonly Gen<string> Text = Gen.OneOf(Ascii, Gen.OneOf("Grüße", "印刷", "🖨️", "\0\r\n\"\\"));

    private static readonly Gen<IppValue> Simple = Gen.OneOf(
        Gen.Int.Select(IppValue.Integer),
        Gen.Int.Select(IppValue.Enum),
        Gen.Bool.Select(IppValue.Boolean),
        Gen.Select(Gen.Int, Gen.Int).Select(static range => IppValue.Range(range.Item1, range.Item2)),
        Gen.Select(Gen.Int, Gen.Int, Gen.Byte).Select(static dots => IppValue.Resolution(new IppResolution(dots.Item1, dots.Item2, dots.Item3))),
        Gen.Select(Gen.Long[0, 99_999_999_999], Gen.Int[-14 * 60, 14 * 60]).Select(static time => IppValue.DateTime(
            DateTimeOffset.UnixEpoch.AddMilliseconds(100 * time.Item1).ToOffset(TimeSpan.FromMinutes(time.Item2)))),
        Gen.Select(Gen.OneOf(IppTag.TextWithLanguage, IppTag.NameWithLanguage), Ascii, Text).Select(static text =>
            IppValue.Localized(text.Item1, new(text.Item2, text.Item3))),
        Gen.Select(Gen.OneOf(IppTag.Text, IppTag.Name), Text).Select(static text => IppValue.Characters(text.Item1, text.Item2)),
        Gen.Select(Gen.Int[(int)IppTag.Keyword, (int)IppTag.MimeMediaType], Ascii).Select(static text => IppValue.Characters((IppTag)text.Item1, text.Item2)),
        Gen.OneOf(IppTag.Unsupported, IppTag.Unknown, IppTag.NoValue).Select(static tag => IppValue.Opaque(tag, null)),
        Gen.Select(Gen.OneOf(IppTag.OctetString, IppTag.Extension, (IppTag)0x60, (IppTag)0x14), Gen.Byte.Array[4, 40]).Select(static octets =>
            IppValue.Opaque(octets.Item1, octets.Item2)));

    private static readonly Gen<IppMessage> Message =
        from version in Gen.Short
        from code in Gen.Short
        from requestId in Gen.Int
        from groups in Gen.Select(Gen.OneOf(1, 2, 4, 5, 6, 15), Attributes(Value(3))).Array[0, 3]
        select Make(new IppMessage(version, code, requestId), groups);

    [Fact]
    public void Read_WrittenMessage_IsTheSameHoweverItIsCut() =>
        Gen.Select(Message, Gen.Byte.Array[0, 20], Messages.Choices).Sample(
            static (message, document, choices) =>
            {
                var octets = Write(message);
                var input = Messages.ToInput(choices, [.. octets, .. document]);
                var reading = IppReading.Of(input.Cut(input.Wire));
                Assert.Equal((true, null, octets.Length), (reading.IsComplete, reading.Refusal, reading.Consumed));
                Assert.Equal(IppText.Of(message), IppText.Of(reading.Message));
            },
            iter: 1000);

    [Fact]
    public void Run_NearlyRightMessage_KeepsTheRules() =>
        Gen.Select(Message, Gen.Int[0, 1000], Gen.Byte, Messages.Choices).Sample(
            static (message, position, wrong, choices) =>
            {
                var octets = Write(message);
                octets[position % octets.Length] = wrong;
                IppTarget.Run(Messages.ToInput(choices, octets));
            },
            iter: 2000);

    private static Gen<IppValue> Value(int depth) => depth == 0
        ? Simple
        : Gen.Frequency((5, Simple), (1, Attributes(Value(depth - 1)).Select(static members => IppValue.Collection(members))));

    private static Gen<IppAttribute[]> Attributes(Gen<IppValue> value) =>
        value.Array[1, 3].Array[0, 4].Select(static values => values.Select(static (several, i) => new IppAttribute($"a{i}", several)).ToArray());

    private static IppMessage Make(IppMessage message, (int Tag, IppAttribute[] Attributes)[] groups)
    {
        message.Groups.AddRange(groups.Select(static group => new IppGroup((IppTag)group.Tag).Add(group.Attributes)));
        return message;
    }

    private static byte[] Write(IppMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        IppWriter.Write(message, output);
        return output.WrittenSpan.ToArray();
    }
}
