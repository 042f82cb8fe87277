using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>
/// The plainest reading of a ClientHello: all octets that came, in one array, with a name for the rule that one breaks. What the
/// product's reader says is compared with it.
/// </summary>
internal sealed record WireHello(
    string? ServerName, IReadOnlyList<string> Protocols, IReadOnlyList<int> Versions, bool HasGrease, bool HasEncryptedHello)
{
    public const int MaxMessageLength = 16_384;
    public const int MaxWireLength = 65_536;

    /// <summary>What is on the wire, as far as it has come.</summary>
    public static WireReading Read(ReadOnlySpan<byte> wire)
    {
        if (wire.IsEmpty || wire[0] is not 0x16)
        {
            return new(wire.IsEmpty ? HelloRule.Whole : HelloRule.Handshake, IsIncomplete: wire.IsEmpty);
        }

        var message = new List<byte>();
        var position = 0;
        var announced = 0;
        while (wire.Length - position >= 5)
        {
            var length = Number(wire.Slice(position + 3, 2));
            var rule = wire[position] is not 0x16 ? HelloRule.OneKindOfRecord
                : wire[position + 1] is not 3 ? HelloRule.RecordVersion
                : length is 0 ? HelloRule.NoEmptyRecord
                : length > MaxMessageLength ? HelloRule.RecordLength
                : position + 5 + length > MaxWireLength ? HelloRule.WireLength
                : HelloRule.None;
            if (rule is not HelloRule.None)
            {
                return new(rule);
            }

            position += 5;
            announced += length;
            var here = Math.Min(length, wire.Length - position);
            message.AddRange(wire.Slice(position, here));
            position += here;
            if (FindEnd(message, announced) is { } end)
            {
                return end with { Taken = position };
            }

            if (here < length)
            {
                break;
            }
        }

        return new(HelloRule.Whole, IsIncomplete: true);
    }

    private static WireReading? FindEnd(List<byte> message, int announced)
    {
        if (message.Count > 0 && message[0] is not 1)
        {
            return new(HelloRule.ClientHello);
        }

        if (message.Count < 4)
        {
            return null;
        }

        var length = 4 + Number([.. message[1..4]]);
        return length > MaxMessageLength ? new(HelloRule.MessageLength)
            : announced > length ? new(HelloRule.NothingBehind)
            : message.Count < length ? null
            : ReadMessage([.. message]);
    }

    private static WireReading ReadMessage(byte[] message)
    {
        var broken = HelloRule.None;
        string? name = null;
        List<string> protocols = [];
        List<int> numbers = [], versions = [], groups = [], types = [];
        var hasVersions = false;
        var body = new Cursor(message[4..]);
        var version = body.Take(2);
        body.Take(32);
        Check(body.Vector(1).Length <= 32, HelloRule.SessionId);
        numbers.AddRange(Numbers(body.Vector(2), HelloRule.CipherSuites));
        Check(body.Vector(1).Length > 0, HelloRule.CompressionMethods);
        if (body.HasMore)
        {
            var extensions = new Cursor(body.Vector(2), body);
            while (extensions.HasMore)
            {
                var type = Number(extensions.Take(2));
                Check(!types.Contains(type), HelloRule.EachExtensionOnce);
                types.Add(type);
                var content = extensions.Vector(2);
                switch (type)
                {
                    case 0:
                        name = ReadName(content);
                        break;
                    case 10:
                        groups.AddRange(Numbers(Whole(content, 2, HelloRule.Groups), HelloRule.Groups));
                        break;
                    case 16:
                        protocols.AddRange(ReadProtocols(Whole(content, 2, HelloRule.Protocols)));
                        break;
                    case 43:
                        hasVersions = true;
                        versions.AddRange(Numbers(Whole(content, 1, HelloRule.Versions), HelloRule.Versions));
                        break;
                }
            }
        }

        if (body.IsShort || body.HasMore || broken is not HelloRule.None)
        {
            return new(body.IsShort || body.HasMore ? HelloRule.Lengths : broken);
        }

        var isGrease = numbers.Concat(versions).Concat(groups).Concat(types).Any(IsGrease)
            || protocols.Exists(id => id.Length == 2 && IsGrease((id[0] << 8) + id[1]));
        return new(
            HelloRule.None,
            new WireHello(name, protocols, hasVersions ? versions : [Math.Min(Number(version), 0x0303)], isGrease, types.Contains(0xFE0D)),
            message);

        void Check(bool holds, HelloRule rule) => broken = holds || broken is not HelloRule.None ? broken : rule;

        byte[] Whole(byte[] content, int lengthSize, HelloRule rule)
        {
            var cursor = new Cursor(content);
            var list = cursor.Vector(lengthSize);
            Check(!cursor.IsShort && !cursor.HasMore && list.Length > 0, rule);
            return list;
        }

        List<int> Numbers(byte[] list, HelloRule rule)
        {
            Check(list.Length > 0 && list.Length % 2 == 0, rule);
            return [.. list.Chunk(2).Where(pair => pair.Length == 2).Select(pair => Number(pair))];
        }

        string ReadName(byte[] content)
        {
            var list = new Cursor(Whole(content, 2, HelloRule.NameList));
            Check(list.Take(1) is [0], HelloRule.KindOfName);
            var bytes = list.Vector(2);
            Check(!list.IsShort, HelloRule.NameList);
            Check(!list.HasMore, HelloRule.OneName);
            Check(bytes.Length > 0, HelloRule.NameNotEmpty);
            Check(bytes.Length <= 255, HelloRule.NameLength);
            Check(!bytes.Contains((byte)0), HelloRule.NameWithoutNul);
            Check(bytes.All(octet => octet < 0x80), HelloRule.NameInAscii);
            return Encoding.Latin1.GetString(bytes);
        }

        List<string> ReadProtocols(byte[] list)
        {
            var cursor = new Cursor(list);
            List<string> ids = [];
            while (cursor.HasMore)
            {
                var id = cursor.Vector(1);
                Check(id.Length > 0 && !cursor.IsShort, HelloRule.Protocols);
                ids.Add(Encoding.Latin1.GetString(id));
            }

            return ids;
        }
    }

    private static bool IsGrease(int number) => Enumerable.Range(0, 16).Any(i => number == 0x0A0A + (0x1010 * i));

    private static int Number(ReadOnlySpan<byte> bytes)
    {
        var number = 0;
        foreach (var octet in bytes)
        {
            number = (number * 256) + octet;
        }

        return number;
    }

    /// <summary>Reads on with nothing where there is too little, and remembers that.</summary>
    private sealed class Cursor(byte[] bytes, Cursor? outer = null)
    {
        private int _position;
        private bool _isShort;

        public bool IsShort
        {
            get => _isShort;
            private set
            {
                _isShort = value;
                if (outer is not null)
                {
                    outer.IsShort = value;
                }
            }
        }

        public bool HasMore => !_isShort && _position < bytes.Length;

        public byte[] Take(int count)
        {
            if (_isShort || bytes.Length - _position < count)
            {
                IsShort = true;
                return [];
            }

            _position += count;
            return bytes[(_position - count).._position];
        }

        public byte[] Vector(int lengthSize) => Take(lengthSize) is { Length: > 0 } length ? Take(Number(length)) : [];
    }
}

/// <summary>What came, and which rule it breaks.</summary>
/// <param name="Broken">The first rule that does not hold.</param>
/// <param name="Hello">What it says if it keeps the rules.</param>
/// <param name="Message">The handshake message if it keeps the rules.</param>
/// <param name="Taken">Where the record ends in which the message ends.</param>
/// <param name="IsIncomplete">Whether more octets can still make it whole.</param>
internal sealed record WireReading(
    HelloRule Broken, WireHello? Hello = null, byte[]? Message = null, int Taken = 0, bool IsIncomplete = false);

/// <summary>What a ClientHello has to keep to be read.</summary>
public enum HelloRule
{
    None,

    /// <summary>It is there to its end.</summary>
    Whole,

    /// <summary>The connection begins with a handshake record.</summary>
    Handshake,

    /// <summary>All records up to its end are handshake records.</summary>
    OneKindOfRecord,

    /// <summary>The major version of a record is 3.</summary>
    RecordVersion,

    /// <summary>A record has content.</summary>
    NoEmptyRecord,

    /// <summary>A record has its limit (RFC 8446 section 5.1).</summary>
    RecordLength,

    /// <summary>All records together have a limit of ours.</summary>
    WireLength,

    /// <summary>The message is a ClientHello.</summary>
    ClientHello,

    /// <summary>The message has a limit of ours: it fits in one record.</summary>
    MessageLength,

    /// <summary>The message ends with a record.</summary>
    NothingBehind,

    /// <summary>What is in the message has the lengths that it says, and fills it.</summary>
    Lengths,

    /// <summary>A session id has 32 octets at most.</summary>
    SessionId,

    /// <summary>There are cipher suites, of two octets each.</summary>
    CipherSuites,

    /// <summary>There are compression methods.</summary>
    CompressionMethods,

    /// <summary>No extension comes twice (RFC 8446 section 4.2).</summary>
    EachExtensionOnce,

    /// <summary>The list of names has the length that it says, and is not empty.</summary>
    NameList,

    /// <summary>A name is a host name (RFC 6066 section 3).</summary>
    KindOfName,

    /// <summary>There is one name.</summary>
    OneName,

    /// <summary>A name has an octet at least (RFC 6066 section 3).</summary>
    NameNotEmpty,

    /// <summary>A name has 255 octets at most.</summary>
    NameLength,

    /// <summary>A name has no NUL in it.</summary>
    NameWithoutNul,

    /// <summary>A name is ASCII (RFC 6066 section 3).</summary>
    NameInAscii,

    /// <summary>The list of ALPN ids has the length that it says, is not empty, and has no empty id in it (RFC 7301 section 3.1).</summary>
    Protocols,

    /// <summary>There are groups, of two octets each, if any are named.</summary>
    Groups,

    /// <summary>There are versions, of two octets each, if any are named.</summary>
    Versions,
}
