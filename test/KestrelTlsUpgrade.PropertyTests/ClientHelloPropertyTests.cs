using CsCheck;
using KestrelTlsUpgrade.Fuzzing.Targets;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.PropertyTests;

/// <summary>ClientHellos of any content, in any records and segments: what was put in is read, and what is nearly one keeps the rules of the target.</summary>
public sealed class ClientHelloPropertyTests
{
    private static readonly Gen<string[]> Protocols =
        Gen.OneOf(Gen.OneOf("h2", "h2c", "h3", "http/1.1", "http/1.0", "http/1.1-upgraded", "http/1.1-upgraded=a", "\u001A\u001A"), Messages.Name).Array[1, 5];

    private static readonly Gen<byte[]> Numbers =
        Gen.OneOf(Gen.OneOf(0x0303, 0x0304, 0x1301, 0x3A3A, 0x3A4A), Gen.Int[0, ushort.MaxValue]).Array[1, 6]
            .Select(static numbers => numbers.SelectMany(static number => (byte[])[(byte)(number >> 8), (byte)number]).ToArray());

    /// <summary>Extensions that nobody reads, of the types from 100 on.</summary>
    private static readonly Gen<byte[][]> Others = Gen.Byte.Array[0, 30].Array[0, 5];

    private static readonly Gen<(string? Name, string[]? Protocols, byte[]? Versions, byte[] Suites, byte[][] Others)> Content =
        from name in Gen.OneOf(Messages.Name.Select(static name => (string?)name), Gen.Const((string?)null))
        from protocols in Gen.OneOf(Protocols.Select(static ids => (string[]?)ids), Gen.Const((string[]?)null))
        from versions in Gen.OneOf(Numbers.Select(static numbers => (byte[]?)numbers), Gen.Const((byte[]?)null))
        from suites in Numbers
        from others in Others
        select (name, protocols, versions, suites, others);

    [Fact]
    public void Take_AnyContent_IsReadHoweverItIsCut() =>
        Gen.Select(Content, Gen.Int[1, 300], Messages.Choices).Sample(
            static (content, size, choices) =>
            {
                var message = Make(content.Name, content.Protocols, content.Versions, content.Suites, content.Others);
                var pieces = Messages.ToInput(choices, []).Cut(HelloRecords.OfSize(message, size));
                var hello = HelloFeed.Of(pieces).Hello;
                Assert.NotNull(hello);
                Assert.Equal(content.Name, hello.ServerName);
                Assert.Equal(content.Protocols?.Contains("h2") ?? false, hello.OffersHttp2);
                Assert.Equal(content.Protocols?.Intersect(["h2", "h2c", "h3"]).Any() ?? false, hello.OffersLaterHttp);
                Assert.Equal(content.Protocols?.Any(static id => id.StartsWith("http/1.1-upgraded", StringComparison.Ordinal)) ?? false, hello.HasMark);
                Assert.Equal(
                    HasGrease(content.Suites) || HasGrease(content.Versions ?? []) || (content.Protocols?.Contains("\u001A\u001A") ?? false),
                    hello.HasGrease);
            },
            iter: 3000);

    /// <summary>Where each record ends is anybody's choice, and changes nothing.</summary>
    [Fact]
    public void Take_RecordsOfAnySizes_AreOneMessage() =>
        Gen.Select(Content, Gen.Int[1, 90].Array[1, 12]).Sample(
            static (content, sizes) =>
            {
                var message = Make(content.Name, content.Protocols, content.Versions, content.Suites, content.Others);
                List<byte> wire = [];
                for (int position = 0, i = 0; position < message.Length; i++)
                {
                    var size = Math.Min(sizes[i % sizes.Length], message.Length - position);
                    wire.AddRange(HelloRecords.Record(message.AsSpan(position, size)));
                    position += size;
                }

                var feed = HelloFeed.Of(wire.ToArray());
                Assert.Equal(HelloFacts.Of(HelloFeed.Of(HelloRecords.Record(message)).Hello!), HelloFacts.Of(feed.Hello!));
                Assert.Equal(wire.Count == message.Length + 5 ? [] : HelloRecords.Record(message), feed.Record.ToArray());
            },
            iter: 3000);

    [Fact]
    public void Run_NearlyRightHello_KeepsTheRules() =>
        Gen.Select(Content, Gen.Int[0, 1000], Gen.Byte, Gen.Byte.Array[0, 8], Messages.Choices).Sample(
            static (content, position, wrong, behind, choices) =>
            {
                var wire = HelloRecords.Record(Make(content.Name, content.Protocols, content.Versions, content.Suites, content.Others));
                wire[position % wire.Length] = wrong;
                ClientHelloTarget.Run(Messages.ToInput(choices, [.. wire, .. behind]));
            },
            iter: 20_000);

    private static byte[] Make(string? name, string[]? protocols, byte[]? versions, byte[] suites, byte[][] others)
    {
        var hello = new MadeHello { Suites = suites };
        hello.Extensions.Clear();
        if (name is not null)
        {
            hello.With(0, made => made.Names(MadeHello.Ascii(name)));
        }

        if (protocols is not null)
        {
            hello.With(16, made => made.Protocols(protocols));
        }

        for (var i = 0; i < others.Length; i++)
        {
            hello.With(100 + i, MadeHello.Fixed(others[i]));
        }

        return (versions is null ? hello : hello.With(43, made => made.Vector(1, versions))).ToMessage();
    }

    private static bool HasGrease(byte[] numbers) => numbers.Chunk(2).Any(static pair => pair[0] == pair[1] && (pair[0] & 0x0F) == 0x0A);
}
