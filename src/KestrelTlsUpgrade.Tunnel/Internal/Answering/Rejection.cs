using System.Text;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace KestrelTlsUpgrade.Tunnel.Internal.Answering;

/// <summary>Why a tunnel was not opened, and the answer to the caller.</summary>
/// <param name="Outcome">The reason.</param>
/// <param name="Status">The status.</param>
/// <param name="ProxyStatus">The values of Proxy-Status (RFC 9209), starting with the hop nearest to the destination.</param>
/// <param name="Fields">Further fields.</param>
/// <param name="Content">The content.</param>
internal sealed record Rejection(
    TunnelOutcome Outcome,
    int Status,
    IReadOnlyList<string> ProxyStatus,
    IReadOnlyList<(string Name, string Value)> Fields,
    ReadOnlyMemory<byte> Content)
{
    private const string Name = "kestrel";

    /// <summary>The connection ends without an answer.</summary>
    public static readonly Rejection Silence = new(TunnelOutcome.BadRequest, 0, [], [], default);

    /// <summary>Fields of the next proxy's answer that mean the same to the caller.</summary>
    private static readonly string[] PassedOn = ["Proxy-Authenticate", "Retry-After", "Content-Type", "Content-Encoding", "Content-Language"];

    /// <summary>Whether the caller may send another CONNECT on the connection.</summary>
    public bool IsPersistent { get; init; }

    public bool IsSilent => Status == 0;

    /// <summary>Whether the answer has no content although it has its length, because the method is HEAD.</summary>
    private bool IsToHead { get; init; }

    public static Rejection Of(TunnelOutcome outcome)
    {
        var (status, error, text) = Describe(outcome);
        return Create(outcome, status, error, text);
    }

    /// <summary>A request that cannot be understood.</summary>
    public static Rejection OfRequest(int status) =>
        Create(TunnelOutcome.BadRequest, status, "http_request_error", "The request is not a CONNECT that can be understood.");

    /// <summary>A CONNECT on a connection that has served other requests.</summary>
    public static Rejection Late() => Create(
        TunnelOutcome.BadRequest, StatusCodes.Status400BadRequest, "http_request_error", "A tunnel needs a connection that has served no other request.");

    /// <summary>A request for another server, which is the application's to answer and not the proxy's (RFC 9110 section 15.5.20).</summary>
    public static Rejection Misdirected(bool isHead)
    {
        var rejection = Create(
            TunnelOutcome.BadRequest,
            StatusCodes.Status421MisdirectedRequest,
            error: "",
            "This server does not forward requests to other servers. It opens tunnels with CONNECT.");
        return rejection with { ProxyStatus = [], IsToHead = isHead };
    }

    /// <summary>The caller has to authenticate.</summary>
    public static Rejection Challenge(string challenge)
    {
        var rejection = Of(TunnelOutcome.ChallengeSent);
        return rejection with { Fields = [("Proxy-Authenticate", challenge), .. rejection.Fields] };
    }

    /// <summary>
    /// Passes on the next proxy's answer, except if it is about the connection between the proxies: a demand for an upgrade, a challenge
    /// that the caller cannot answer, a complaint about a slow or misdirected request, or a redirection, which a proxy should not send.
    /// </summary>
    public static Rejection PassOn(NextProxyAnswer answer, bool isCallerChallenged)
    {
        // A list that is not valid would make ours invalid too (RFC 9209 section 2).
        var list = string.Join(", ", answer.GetValues("Proxy-Status"));
        string[] known = ProxyStatusList.IsValid(list) ? [list] : [];
        var isForCaller = answer.Status switch
        {
            StatusCodes.Status407ProxyAuthenticationRequired => isCallerChallenged && answer.GetValues("Proxy-Authenticate").Any(),
            StatusCodes.Status401Unauthorized
                or StatusCodes.Status408RequestTimeout
                or StatusCodes.Status421MisdirectedRequest
                or StatusCodes.Status426UpgradeRequired => false,
            var status => status >= 400,
        };
        if (!isForCaller)
        {
            var failed = Of(TunnelOutcome.NextProxyRefused);
            return failed with { ProxyStatus = [.. known, $"{Name}; error=http_protocol_error; received-status={answer.Status}"] };
        }

        var fields = answer.Fields.Where(static field => PassedOn.Contains(field.Name, StringComparer.OrdinalIgnoreCase));
        return new(
            TunnelOutcome.NextProxyRefused, answer.Status, [.. known, $"{Name}; received-status={answer.Status}"], [.. fields], answer.Content);
    }

    /// <summary>The answer as sent. All but a challenge end the connection (RFC 9931 section 8).</summary>
    public byte[] Write(DateTimeOffset now)
    {
        if (IsSilent)
        {
            return [];
        }

        var head = new StringBuilder();
        head.Append("HTTP/1.1 ").Append(Status).Append(' ').Append(ReasonPhrases.GetReasonPhrase(Status)).Append("\r\n")
            .Append("Connection: ").Append(IsPersistent ? "keep-alive" : "close").Append("\r\n")
            .Append("Date: ").Append(now.ToString("r")).Append("\r\n");
        if (ProxyStatus.Count > 0)
        {
            head.Append("Proxy-Status: ").AppendJoin(", ", ProxyStatus).Append("\r\n");
        }

        foreach (var (name, value) in Fields)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        head.Append("Content-Length: ").Append(Content.Length).Append("\r\n\r\n");
        return [.. Encoding.Latin1.GetBytes(head.ToString()), .. IsToHead ? [] : Content.Span];
    }

    private static Rejection Create(TunnelOutcome outcome, int status, string error, string text) => new(
        outcome,
        status,
        [$"{Name}; error={error}; details=\"{text}\""],
        [("Content-Type", "text/plain")],
        Encoding.ASCII.GetBytes($"{text}\n"));

    /// <summary>The error types are from RFC 9209 section 2.3; the statuses are those that CONNECT clients understand.</summary>
    private static (int Status, string Error, string Text) Describe(TunnelOutcome outcome) => outcome switch
    {
        TunnelOutcome.RequestTimeout => (408, "http_request_error", "The request took too long."),
        TunnelOutcome.Denied => (403, "http_request_denied", "You may not open a tunnel here."),
        TunnelOutcome.ChallengeSent => (407, "http_request_denied", "The proxy has to know who you are."),
        TunnelOutcome.DestinationForbidden => (403, "destination_ip_prohibited", "Tunnels may not lead there."),
        TunnelOutcome.Busy => (503, "connection_limit_reached", "There are too many tunnels."),
        TunnelOutcome.NameNotResolved => (502, "dns_error", "The name cannot be resolved."),
        TunnelOutcome.NameTimeout => (504, "dns_timeout", "The name was not resolved in time."),
        TunnelOutcome.LookupsBusy => (503, "connection_limit_reached", "Too many names are being resolved."),
        TunnelOutcome.ConnectionRefused => (502, "connection_refused", "The destination refuses connections."),
        TunnelOutcome.Unreachable => (502, "destination_ip_unroutable", "The destination cannot be reached."),
        TunnelOutcome.ConnectTimeout => (504, "connection_timeout", "The destination did not answer in time."),
        TunnelOutcome.CallerLeft => (504, "connection_timeout", "You ended your side, and the destination did not answer soon."),
        TunnelOutcome.NextProxyRefused => (502, "http_protocol_error", "The next proxy did not open the tunnel."),
        TunnelOutcome.NextProxyFailed => (502, "http_protocol_error", "The next proxy did not answer as it must."),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };
}
