using System.Security.Authentication;
using System.Text;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>The values of Upgrade and Connection: lists of tokens that mean the same on one line and on many.</summary>
internal static class TokensTarget
{
#pragma warning disable CA5397, SYSLIB0039 // They exist on the wire.
    private static readonly SslProtocols[] Versions = [SslProtocols.Tls, SslProtocols.Tls11, SslProtocols.Tls12, SslProtocols.Tls13];
#pragma warning restore CA5397, SYSLIB0039

    private static readonly string[] Names = ["", "TLS", "TLS/1.0", "TLS/1.1", "TLS/1.2", "TLS/1.3"];

    public static void Run(FuzzInput input)
    {
        var enabled = ChooseVersions(input);
        var value = Encoding.Latin1.GetString(input.Wire);
        CheckTokens(value);
        CheckOffer(input, value, enabled, input.Flip());
        CheckOwnOffer(enabled);
        CheckOptions(value);
    }

    private static SslProtocols ChooseVersions(FuzzInput input)
    {
        var bits = input.Choose(16);
        return Versions.Where((_, index) => (bits & (1 << index)) != 0).Aggregate(SslProtocols.None, static (all, version) => all | version);
    }

    private static void CheckTokens(string value)
    {
        foreach (var member in value.Split(','))
        {
            Oracle.Same(Expect(member), UpgradeTokenText.Parse(member), "A token is one of five.");
        }

        for (var token = UpgradeToken.AnyTls; token <= UpgradeToken.Tls13; token++)
        {
            Oracle.Same(token, UpgradeTokenText.Parse(UpgradeTokenText.Format(token)), "What is written is read.");
        }
    }

    private static void CheckOffer(FuzzInput input, string value, SslProtocols enabled, bool strict)
    {
        var one = new UpgradeOffer();
        one.Add(value);

        // Several lines are one list, wherever the client begins a new one.
        var many = new UpgradeOffer();
        var line = "";
        foreach (var member in value.Split(','))
        {
            line = line.Length == 0 ? member : line + ',' + member;
            if (input.Flip())
            {
                many.Add(line);
                line = "";
            }
        }

        many.Add(line);
        Oracle.Same(one.HasTls, many.HasTls, "Lines form one list.");

        var members = WireHead.SplitList(value).ToList();
        var tokens = members.Select(Expect).Where(static token => token is not UpgradeToken.None).ToList();
        var socket = members.FindIndex(static member => WireHead.Is(member.Split('/')[0], "websocket"));
        var tls = members.FindIndex(static member => Expect(member) is not UpgradeToken.None);
        Oracle.Same(tls >= 0 && !(socket >= 0 && socket < tls), one.HasTls, "TLS is on offer unless WebSocket is preferred.");

        var selected = one.Select(enabled, strict);
        Oracle.Same(selected, many.Select(enabled, strict), "Lines form one list.");
        var fitting = tokens.Where(token => token is UpgradeToken.AnyTls ? enabled != 0 : (VersionOf(token) & enabled) != 0);
        var expected = !one.HasTls ? UpgradeToken.None : fitting.DefaultIfEmpty(strict ? UpgradeToken.None : tokens.Max()).Max();
        Oracle.Same(expected, selected, "The highest token that fits is selected.");
    }

    private static void CheckOwnOffer(SslProtocols enabled)
    {
        var offer = new UpgradeOffer();
        offer.Add(UpgradeTokenText.FormatOffer(enabled));
        var highest = enabled == 0 ? UpgradeToken.None : UpgradeToken.Tls10 + Array.FindLastIndex(Versions, version => (version & enabled) != 0);
        Oracle.Same(highest, offer.Select(enabled, strict: true), "The highest version that is offered is selected.");
        Oracle.Holds(UpgradeTokenText.FormatList(enabled).EndsWith("HTTP/1.1", StringComparison.Ordinal), "HTTP is what TLS carries.");
    }

    private static void CheckOptions(string value)
    {
        var options = WireHead.SplitList(value).ToList();
        Oracle.Same(options.Exists(static option => WireHead.Is(option, "upgrade")), ConnectionOptions.HasUpgrade(value), "The option is found.");
        Oracle.Same(options.Exists(static option => WireHead.Is(option, "close")), ConnectionOptions.HasClose(value), "The option is found.");

        var rest = ConnectionOptions.GetPersistence(value);
        Oracle.Same(
            string.Join(',', options.Where(static option => WireHead.Is(option, "close") || WireHead.Is(option, "keep-alive"))), rest, "Persistence stays.");
        Oracle.Holds(rest.Length <= value.Length, "The line does not get longer.");
        Oracle.Same(rest, ConnectionOptions.GetPersistence(rest), "There is nothing more to take.");
    }

    private static UpgradeToken Expect(string member) => member.Length == 0
        ? UpgradeToken.None
        : (UpgradeToken)Math.Max(0, Array.FindIndex(Names, name => WireHead.Is(member, name)));

    private static SslProtocols VersionOf(UpgradeToken token) => Versions[token - UpgradeToken.Tls10];
}
