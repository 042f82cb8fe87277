using System.Buffers;
using System.Security.Authentication;
using System.Text;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Sniffing;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>
/// The head of a first request: what is accepted as an upgrade is one in the plainest reading there is, and is replayed as it was.
/// </summary>
internal static class UpgradeHeadTarget
{
    private static readonly string[] Intermediaries =
        ["Via", "Forwarded", "Max-Forwards", "CDN-Loop", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Varnish"];

    private static readonly string[] IntermediaryPrefixes = ["X-Forwarded-", "X-Original-", "X-Envoy-", "Fastly-", "X-Azure-"];

    public static IReadOnlyList<UpgradePolicy> UpgradePolicies { get; } =
    [
        Policies.Default,
        Policies.Create(allowBehindProxy: true, versions: SslProtocols.Tls13),
        Policies.Create(
            strictTokens: true,
            versions: SslProtocols.Tls12,
            configureLimits: static limits =>
            {
                limits.MaxRequestLineSize = 32;
                limits.MaxRequestHeadersTotalSize = 128;
                limits.MaxRequestHeaderCount = 4;
            }),
    ];

    public static void Run(FuzzInput input)
    {
        var policy = input.Pick(UpgradePolicies);
        var upgrade = UpgradeHeadReader.Read(new ReadOnlySequence<byte>(input.Wire), policy);
        AssertSame(upgrade, UpgradeHeadReader.Read(input.CutWire(), policy));
        if (upgrade is not null)
        {
            Check(upgrade, input.Wire, policy);
        }
    }

    public static void AssertSame(UpgradeRequest? expected, UpgradeRequest? actual)
    {
        Oracle.Same(expected is null, actual is null, "A head is accepted however it is cut up.");
        if (expected is not null && actual is not null)
        {
            Oracle.Same((expected.Token, expected.Host, expected.IsFirst), (actual.Token, actual.Host, actual.IsFirst), "Same head, same upgrade.");
            Oracle.Holds(expected.Head.Span.SequenceEqual(actual.Head.Span), "A head is replayed the same however it is cut up.");
        }
    }

    private static void Check(UpgradeRequest upgrade, byte[] wire, UpgradePolicy policy)
    {
        var head = WireHead.Read(wire);
        Oracle.Holds(
            head.StartLine.Split(' ') is ["GET" or "HEAD", ['/', ..], "HTTP/1.1"] or ["OPTIONS", ['/', ..] or "*", "HTTP/1.1"],
            "Only plain requests without content are upgraded.");
        Oracle.Holds(!wire.AsSpan().ContainsAnyInRange((byte)0x7F, (byte)0xFF), "Only ASCII is upgraded.");
        Oracle.Holds(head.GetValues("Host") is [var host] && (host == upgrade.Host || host.StartsWith(upgrade.Host + ':', StringComparison.Ordinal)), "There is one host.");
        Oracle.Holds(Uri.CheckHostName(upgrade.Host) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.Basic or UriHostNameType.Unknown, "The host is no IPv6 address.");
        Oracle.Holds(head.GetValues("Content-Length").Count + head.GetValues("Transfer-Encoding").Count == 0, "No content is upgraded.");
        Oracle.Holds(head.GetMembers("Connection").Any(static option => WireHead.Is(option, "upgrade")), "An upgrade has its option.");
        Oracle.Holds(head.GetMembers("Upgrade").Any(static member => IsTls(member)), "TLS is on offer.");
        Oracle.Holds(head.GetMembers("Upgrade").Any(member => WireHead.Is(member, UpgradeTokenText.Format(upgrade.Token))), "The token was offered.");
        Oracle.Holds(!head.GetMembers("Upgrade").TakeWhile(static member => !IsTls(member)).Any(static member => WireHead.Is(member, "websocket")), "WebSocket comes first.");
        Oracle.Holds(policy.AllowBehindProxy || !head.Fields.Any(static field => IsIntermediary(field.Name)), "No proxy is upgraded across.");
        Oracle.Holds(!policy.StrictTokens || upgrade.Token is UpgradeToken.AnyTls || (UpgradeTokenText.ToVersions(upgrade.Token) & policy.EnabledVersions) != 0, "A strict token is enabled.");

        var lineLength = head.StartLine.Length + 2;
        Oracle.Holds(lineLength <= policy.Limits.MaxRequestLineSize, "Kestrel's limit of the request line holds.");
        Oracle.Holds(wire.Length - lineLength <= policy.Limits.MaxRequestHeadersTotalSize, "Kestrel's limit of the fields holds.");
        Oracle.Holds(head.Fields.Count <= policy.Limits.MaxRequestHeaderCount, "Kestrel's limit of their number holds.");

        Oracle.Same(Replay(head), Encoding.Latin1.GetString(upgrade.Head.Span), "The request is replayed as it was.");
        Oracle.Holds(upgrade.Head.Length <= wire.Length, "It does not get longer.");
        Oracle.Holds(UpgradeHeadReader.Read(new ReadOnlySequence<byte>(upgrade.Head), policy) is null, "It is upgraded once.");
    }

    /// <summary>The head less what asked for the upgrade.</summary>
    private static string Replay(WireHead head)
    {
        var replay = new StringBuilder(head.StartLine).Append("\r\n");
        foreach (var (name, value) in head.Fields)
        {
            var isConnection = WireHead.Is(name, "Connection");
            var rest = isConnection
                ? string.Join(',', WireHead.SplitList(value).Where(static option => WireHead.Is(option, "close") || WireHead.Is(option, "keep-alive")))
                : value;
            if (!WireHead.Is(name, "Upgrade") && !(isConnection && rest.Length == 0))
            {
                replay.Append(name).Append(':').Append(rest).Append("\r\n");
            }
        }

        return replay.Append("\r\n").ToString();
    }

    private static bool IsTls(string member) => member.ToUpperInvariant() is "TLS" or "TLS/1.0" or "TLS/1.1" or "TLS/1.2" or "TLS/1.3";

    private static bool IsIntermediary(string name) =>
        Intermediaries.Contains(name, StringComparer.OrdinalIgnoreCase)
        || IntermediaryPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
