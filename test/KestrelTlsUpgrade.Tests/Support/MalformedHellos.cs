using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>Hellos that each break one rule, by name.</summary>
internal static class MalformedHellos
{
    private static readonly byte[] Message = new MadeHello().ToMessage();

    public static IReadOnlyDictionary<string, (HelloRule Rule, byte[] Wire)> All { get; } = new SortedDictionary<string, (HelloRule, byte[])>(StringComparer.Ordinal)
    {
        ["empty record first"] = (HelloRule.NoEmptyRecord, [.. Record([]), .. Record(Message)]),
        ["empty record between"] = (HelloRule.NoEmptyRecord, [.. Record(Message.AsSpan(0, 50)), .. Record([]), .. Record(Message.AsSpan(50))]),
        ["alert between"] = (HelloRule.OneKindOfRecord, Around([1, 0], HelloRecords.Alert)),
        ["change_cipher_spec between"] = (HelloRule.OneKindOfRecord, Around([1], HelloRecords.ChangeCipherSpec)),
        ["application data between"] = (HelloRule.OneKindOfRecord, Around([0], HelloRecords.ApplicationData)),
        ["empty application data between"] = (HelloRule.OneKindOfRecord, Around([], HelloRecords.ApplicationData)),
        ["record of SSL 2 between"] = (HelloRule.RecordVersion, [.. Record(Message.AsSpan(0, 50)), 0x16, 2, 0, 0, 1, 0]),
        ["record too long"] = (HelloRule.RecordLength, [0x16, 3, 1, 0x40, 0x01]),
        ["an octet behind"] = (HelloRule.NothingBehind, Record([.. Message, 0])),
        ["an octet behind in pieces"] = (HelloRule.NothingBehind, [.. Record(Message.AsSpan(0, 50)), .. Record([.. Message[50..], 0])]),
        ["another message behind"] = (HelloRule.NothingBehind, Record([.. Message, .. Message])),
        ["other message"] = (HelloRule.ClientHello, Record([0x02, .. Message[1..]])),
        ["HelloRequest"] = (HelloRule.ClientHello, Record([0, 0, 0, 0])),
        ["empty message"] = (HelloRule.Lengths, Record([1, 0, 0, 0])),
        ["message too long"] = (HelloRule.MessageLength, Record([1, 0, 0x3F, 0xFD])),
        ["message of 16,385 octets"] = (HelloRule.MessageLength, HelloRecords.OfSize(Long(16_385), 16_384)),
        ["message of 16 MB"] = (HelloRule.MessageLength, Record([1, 0xFF, 0xFF, 0xFF])),
        ["too many octets of headers"] = (HelloRule.WireLength, HelloRecords.OfSize(Long(10_923), 1)),
        ["session id of 33"] = (HelloRule.SessionId, Record(new MadeHello { SessionId = new byte[33] })),
        ["no cipher suites"] = (HelloRule.CipherSuites, Record(new MadeHello { Suites = [] })),
        ["half a cipher suite"] = (HelloRule.CipherSuites, Record(new MadeHello { Suites = [0xC0, 0x2B, 0x13] })),
        ["no compression methods"] = (HelloRule.CompressionMethods, Record(new MadeHello { CompressionMethods = [] })),
        ["an octet behind the extensions"] = (HelloRule.NothingBehind, Record([.. Message, 0])),
        ["name twice"] = (HelloRule.EachExtensionOnce, Twice(0, static hello => hello.Names(MadeHello.Ascii("server.example")))),
        ["ALPN twice"] = (HelloRule.EachExtensionOnce, Twice(16, static hello => hello.Protocols("http/1.1"))),
        ["versions twice"] = (HelloRule.EachExtensionOnce, Twice(43, static hello => hello.Vector(1, [0x03, 0x03]))),
        ["unknown extension twice"] = (HelloRule.EachExtensionOnce, Twice(0xABCD, MadeHello.Fixed())),
        ["GREASE twice"] = (HelloRule.EachExtensionOnce, Twice(0x1A1A, MadeHello.Fixed())),
        ["ECH twice"] = (HelloRule.EachExtensionOnce, Twice(0xFE0D, MadeHello.Fixed(0))),
        ["name extension empty"] = (HelloRule.NameList, With(0, MadeHello.Fixed())),
        ["no names"] = (HelloRule.NameList, With(0, static hello => hello.Names())),
        ["an octet behind the names"] = (HelloRule.NameList, With(0, static hello => [.. hello.Names(MadeHello.Ascii("a.example")), 0])),
        ["name empty"] = (HelloRule.NameNotEmpty, With(0, static hello => hello.Names(MadeHello.Ascii("")))),
        ["name of 256"] = (HelloRule.NameLength, With(0, static hello => hello.Names(MadeHello.Ascii(new string('a', 256))))),
        ["name with NUL"] = (HelloRule.NameWithoutNul, With(0, static hello => hello.Names(MadeHello.Ascii("server.example\0.test")))),
        ["name with NUL at its end"] = (HelloRule.NameWithoutNul, With(0, static hello => hello.Names(MadeHello.Ascii("server.example\0")))),
        ["name in Latin-1"] = (HelloRule.NameInAscii, With(0, static hello => hello.Names(MadeHello.Ascii("s\u00E9rver.example")))),
        ["name in UTF-8"] = (HelloRule.NameInAscii, With(0, static hello => hello.Names("s\u00E9rver.example"u8.ToArray()))),
        ["two names"] = (HelloRule.OneName, With(0, static hello => hello.Names(MadeHello.Ascii("a.example"), MadeHello.Ascii("b.example")))),
        ["the same name two times"] = (HelloRule.OneName, With(0, static hello => hello.Names(MadeHello.Ascii("a.example"), MadeHello.Ascii("a.example")))),
        ["name of another kind"] = (HelloRule.KindOfName, With(0, static hello => hello.Vector(2, [1, .. hello.Vector(2, MadeHello.Ascii("a.example"))]))),
        ["ALPN extension empty"] = (HelloRule.Protocols, With(16, MadeHello.Fixed())),
        ["no ALPN ids"] = (HelloRule.Protocols, With(16, static hello => hello.Protocols())),
        ["ALPN id empty"] = (HelloRule.Protocols, With(16, static hello => hello.Protocols("http/1.1", ""))),
        ["ALPN id empty, then h2"] = (HelloRule.Protocols, With(16, static hello => hello.Protocols("", "h2"))),
        ["an octet behind the ALPN ids"] = (HelloRule.Protocols, With(16, static hello => [.. hello.Protocols("http/1.1"), 0])),
        ["no versions"] = (HelloRule.Versions, With(43, MadeHello.Fixed(0))),
        ["half a version"] = (HelloRule.Versions, With(43, MadeHello.Fixed(3, 3, 3, 3))),
        ["an octet behind the versions"] = (HelloRule.Versions, With(43, MadeHello.Fixed(2, 3, 3, 0))),
        ["no groups"] = (HelloRule.Groups, With(10, MadeHello.Fixed(0, 0))),
        ["half a group"] = (HelloRule.Groups, With(10, MadeHello.Fixed(0, 3, 0, 23, 0))),
    };

    /// <summary>Whether the records are wrong, and not what is in them.</summary>
    public static bool IsWrongInRecords(byte[] wire) => WireHello.Read(wire).Broken
        is HelloRule.NoEmptyRecord or HelloRule.OneKindOfRecord or HelloRule.RecordVersion or HelloRule.RecordLength or HelloRule.WireLength;

    /// <summary>A well-formed message of this length.</summary>
    public static byte[] Long(int length)
    {
        var hello = new MadeHello().With(21, MadeHello.Fixed());
        var padding = new byte[length - hello.ToMessage().Length];
        return hello.With(21, MadeHello.Fixed(padding)).ToMessage();
    }

    private static byte[] Record(ReadOnlySpan<byte> content) => HelloRecords.Record(content);

    private static byte[] Record(MadeHello hello) => HelloRecords.Record(hello.ToMessage());

    private static byte[] Around(byte[] content, byte type) =>
        [.. Record(Message.AsSpan(0, 50)), .. HelloRecords.Record(content, type), .. Record(Message.AsSpan(50))];

    private static byte[] With(int type, Func<MadeHello, byte[]> content) => Record(new MadeHello().With(type, content));

    private static byte[] Twice(int type, Func<MadeHello, byte[]> content)
    {
        var hello = new MadeHello().With(type, content);
        hello.Extensions.Insert(0, (type, content));
        return Record(hello);
    }
}
