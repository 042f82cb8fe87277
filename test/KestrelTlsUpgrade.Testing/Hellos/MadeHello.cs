using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>A ClientHello that can be wrong in any place: a handshake message that OpenSSL accepts unless something in it was changed.</summary>
internal sealed class MadeHello
{
    private int _lengths;

    /// <summary>The second octet of the legacy version.</summary>
    public byte MinorVersion { get; set; } = 3;

    public byte[] SessionId { get; set; } = [1, 2, 3, 4];

    /// <summary>ECDHE-ECDSA-AES128-GCM-SHA256, and TLS_AES_128_GCM_SHA256.</summary>
    public byte[] Suites { get; set; } = [0xC0, 0x2B, 0x13, 0x01];

    public byte[] CompressionMethods { get; set; } = [0];

    /// <summary>The length that says something else than is there, counted from the front; how much more it says.</summary>
    public (int Index, int More) Wrong { get; set; } = (-1, 0);

    /// <summary>The extensions; each is a function, for their contents have lengths, too.</summary>
    public List<(int Type, Func<MadeHello, byte[]> Content)> Extensions { get; init; } =
    [
        (0, static hello => hello.Names(Ascii("server.example"))),
        (16, static hello => hello.Protocols("http/1.1", "h2")),
        (10, static hello => hello.Vector(2, [0x00, 0x1D, 0x00, 0x17])),
        (13, Fixed(0x00, 0x04, 0x04, 0x03, 0x08, 0x04)),
        (43, static hello => hello.Vector(1, [0x03, 0x03])),
    ];

    /// <summary>Octets that follow the extensions, as they are.</summary>
    public byte[] FurtherExtensions { get; set; } = [];

    /// <summary>A hello with a name and ALPN ids, each where it is given, and no other extension.</summary>
    public static MadeHello Offering(string? name, params string[] protocols)
    {
        var hello = new MadeHello { Extensions = [] };
        if (name is not null)
        {
            hello.With(0, made => made.Names(Ascii(name)));
        }

        return protocols.Length == 0 ? hello : hello.With(16, made => made.Protocols(protocols));
    }

    public static byte[] Ascii(string text) => Encoding.Latin1.GetBytes(text);

    public static Func<MadeHello, byte[]> Fixed(params byte[] content) => _ => content;

    public MadeHello With(int type, Func<MadeHello, byte[]> content)
    {
        Extensions.RemoveAll(extension => extension.Type == type);
        Extensions.Add((type, content));
        return this;
    }

    public byte[] ToMessage() => ToMessage(out _);

    /// <param name="lengths">How many lengths there are in it.</param>
    public byte[] ToMessage(out int lengths)
    {
        _lengths = 0;
        var message = Nest(3, () =>
        [
            0x03, MinorVersion, .. Enumerable.Range(0, 32).Select(static i => (byte)(0xC0 + i)),
            .. Vector(1, SessionId), .. Vector(2, Suites), .. Vector(1, CompressionMethods),
            .. Extensions.Count == 0 && FurtherExtensions.Length == 0 ? [] : Nest(2, () =>
            [
                .. Extensions.SelectMany(extension => (byte[])[(byte)(extension.Type >> 8), (byte)extension.Type, .. Nest(2, () => extension.Content(this))]),
                .. FurtherExtensions,
            ]),
        ]);
        lengths = _lengths;
        return [0x01, .. message];
    }

    public byte[] Names(params byte[][] names) => Nest(2, () => [.. names.SelectMany(name => (byte[])[0, .. Vector(2, name)])]);

    public byte[] Protocols(params string[] ids) => Nest(2, () => [.. ids.SelectMany(id => Vector(1, Ascii(id)))]);

    public byte[] Vector(int lengthSize, byte[] content) => Nest(lengthSize, () => content);

    private byte[] Nest(int lengthSize, Func<byte[]> create)
    {
        var more = _lengths++ == Wrong.Index ? Wrong.More : 0;
        var content = create();
        var length = content.Length + more;
        return [.. Enumerable.Range(1, lengthSize).Select(i => (byte)(length >> (8 * (lengthSize - i)))), .. content];
    }
}
