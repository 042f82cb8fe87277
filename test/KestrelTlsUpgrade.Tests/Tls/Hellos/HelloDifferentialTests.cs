using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Tls.Hellos;

/// <summary>
/// Whatever is refused as unreadable OpenSSL refuses, too, unless a rule refuses it that is named here; and what is read says what
/// OpenSSL understands.
/// </summary>
public sealed class HelloDifferentialTests
{
    private const int Mutations = 40;

    /// <summary>The rules by which more is refused than by OpenSSL.</summary>
    private static readonly HelloRule[] OwnRules =
    [
        // RFC 8446 section 5.1. No client sends one.
        HelloRule.NoEmptyRecord,

        // RFC 8446 section 5.1: the message before a change of keys ends with its record. TLS would get what is behind it as well.
        HelloRule.NothingBehind,

        // RFC 8446 section 4.2. OpenSSL minds this only for extensions that it knows.
        HelloRule.EachExtensionOnce,

        // RFC 6066 section 3.
        HelloRule.NameNotEmpty,
        HelloRule.NameInAscii,

        // Bounds of ours.
        HelloRule.MessageLength,
        HelloRule.WireLength,
    ];

    public static TheoryData<string> Names => [.. HelloCorpus.Names];

    public static TheoryData<string> Malformed => [.. MalformedHellos.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task OpenSsl_RealHello_IsReadByBoth(string name)
    {
        Require();
        var message = HelloCorpus.ReadMessage(name);
        foreach (var wire in new[] { HelloCorpus.Read(name), HelloRecords.OfSize(message, 100), HelloRecords.OfSize(message, 3) })
        {
            var hello = HelloFeed.Of(wire).Hello;
            Assert.NotNull(hello);
            Assert.Equal(new JudgedHello(true, SelectedFor(hello)), await OpenSslJudge.JudgeAsync(wire, SslProtocols.Tls12));
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task OpenSsl_MalformedHello_IsRefusedToo(string name)
    {
        Require();
        Assert.True((await OpenSslJudge.JudgeAsync(HelloRecords.Record(new MadeHello().ToMessage()), SslProtocols.Tls12)).IsAccepted);
        var (rule, wire) = MalformedHellos.All[name];
        var judged = await OpenSslJudge.JudgeAsync(wire, SslProtocols.Tls12);
        Assert.True(!judged.IsAccepted || OwnRules.Contains(rule), $"OpenSSL accepts what breaks the rule {rule}.");
    }

    /// <summary>Each of our own rules is one: OpenSSL accepts something that it refuses.</summary>
    [Fact]
    public async Task OpenSsl_OwnRules_AreOnesThatItDoesNotHave()
    {
        Require();
        var accepted = new HashSet<HelloRule>();
        foreach (var (rule, wire) in MalformedHellos.All.Values)
        {
            if ((await OpenSslJudge.JudgeAsync(wire, SslProtocols.Tls12)).IsAccepted)
            {
                accepted.Add(rule);
            }
        }

        Assert.Equal(OwnRules.Order(), accepted.Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task OpenSsl_ChangedHello_IsRefusedOrReadAlike(string name)
    {
        Require();
        var original = HelloCorpus.ReadMessage(name);
        var random = new Random(name.Sum(static c => c));
        for (var i = 0; i < Mutations; i++)
        {
            var message = Change(original, random);
            var wire = i % 2 == 0 ? HelloRecords.Record(message) : HelloRecords.CutAt(message, random.Next(1, message.Length));
            var reading = WireHello.Read(wire);
            var feed = HelloFeed.Of(wire);
            var judged = await OpenSslJudge.JudgeAsync(wire, SslProtocols.Tls12);
            var which = $"{name}, {i}: {reading.Broken}, {Convert.ToHexString(wire)}";
            Assert.True(reading.Hello is null == feed.Hello is null, which);
            if (feed.Hello is null)
            {
                Assert.True(!judged.IsAccepted || OwnRules.Contains(reading.Broken), which);
                continue;
            }

            Assert.Equal(HelloFacts.Of(reading.Hello!), HelloFacts.Of(feed.Hello));
            Assert.True(!judged.IsAccepted || judged.Protocol == SelectedFor(feed.Hello), $"{which}: {judged.Protocol}");
        }
    }

    /// <summary>The server has <c>h2</c> before <c>http/1.1</c>.</summary>
    private static string? SelectedFor(ClientHello hello) => hello.OffersHttp2 ? "h2" : hello.OffersHttp11 ? "http/1.1" : null;

    private static byte[] Change(byte[] original, Random random)
    {
        var message = (byte[])original.Clone();
        for (var changes = random.Next(1, 3); changes > 0; changes--)
        {
            // What comes first is where the lengths are. Random and keys are anything.
            var position = random.Next(2) == 0 ? random.Next(message.Length) : random.Next(38, Math.Min(message.Length, 300));
            switch (random.Next(4))
            {
                case 0:
                    message[position] = (byte)random.Next(256);
                    break;
                case 1:
                    message[position] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    message = WithLength([.. message[..position], .. message[Math.Min(message.Length, position + random.Next(1, 4))..]]);
                    break;
                default:
                    message = WithLength([.. message[..position], .. message[position..Math.Min(message.Length, position + random.Next(1, 40))], .. message[position..]]);
                    break;
            }
        }

        return message;
    }

    private static byte[] WithLength(byte[] message) =>
        [message[0], .. new[] { 16, 8, 0 }.Select(shift => (byte)((message.Length - 4) >> shift)), .. message[4..]];

    private static void Require() => Assert.SkipUnless(OperatingSystem.IsLinux(), "SslStream is OpenSSL on Linux.");
}
