using System.Buffers;
using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Sniffing;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>Heads of requests, and what is made of them.</summary>
internal static class UpgradeHeads
{
    public const string RequestLine = "GET /path?query HTTP/1.1";

    /// <summary>The head of an upgrade that every default endpoint accepts.</summary>
    public static string Plain { get; } = Create(RequestLine);

    /// <summary>A head with the fields of an upgrade, and others behind them.</summary>
    public static string Create(string requestLine, params string[] more) =>
        Join([requestLine, "Host: a.test", "Upgrade: TLS/1.2", "Connection: Upgrade", .. more]);

    public static string Join(params string[] lines) => string.Join("\r\n", [.. lines, "", ""]);

    public static UpgradeRequest? Read(string head, UpgradePolicy? policy = null) =>
        UpgradeHeadReader.Read(new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(head)), policy ?? Policies.Default);

    public static string? Replay(string head, UpgradePolicy? policy = null) =>
        Read(head, policy) is { } upgrade ? Encoding.Latin1.GetString(upgrade.Head.Span) : null;
}
