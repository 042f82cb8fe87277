extern alias Client;
extern alias Tool;
using System.Text;
using Client::KestrelTlsUpgrade.Client.Internal;
using Client::KestrelTlsUpgrade.Client.Internal.Negotiation;
using KestrelTlsUpgrade.Fuzzing;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using Tool::KestrelTlsUpgrade.Tool.Probing;

namespace KestrelTlsUpgrade.PropertyTests;

/// <summary>One judgement of response heads for the client, the tunnel and the tool, except where a rule is the caller's own.</summary>
public sealed class ResponseHeadTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";

    public enum Verdict
    {
        Accepted,
        Malformed,
        TooLarge,

        /// <summary>It is not complete: the caller waits for more.</summary>
        Incomplete,
    }

    public static TheoryData<string, string, Verdict, Verdict, Verdict> Heads { get; } = new()
    {
        // Status lines.
        { "plain", Ok + "A: b\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "no reason", "HTTP/1.1 200 \r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "no space behind the status", "HTTP/1.1 200\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "HTTP/1.10", "HTTP/1.10 200 OK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "version in lower case", "http/1.1 200 OK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "no version", "200 OK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "version alone", "HTTP/1.1\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "two spaces before the status", "HTTP/1.1  200 OK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "tab before the status", "HTTP/1.1\t200 OK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "tab behind the status", "HTTP/1.1 200\tOK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "two digits", "HTTP/1.1 20 OK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "two digits and a NUL", "HTTP/1.1 20\0 OK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "four digits", "HTTP/1.1 2000 OK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "sign", "HTTP/1.1 +20 OK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "status 099", "HTTP/1.1 099 OK\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "status 101", "HTTP/1.1 101 X\r\n\r\n", Verdict.Accepted, Verdict.Malformed, Verdict.Accepted },
        { "status 599", "HTTP/1.1 599 X\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "status 600", "HTTP/1.1 600 X\r\n\r\n", Verdict.Accepted, Verdict.Malformed, Verdict.Accepted },
        { "status 999", "HTTP/1.1 999 X\r\n\r\n", Verdict.Accepted, Verdict.Malformed, Verdict.Accepted },
        { "obs-text in the reason", "HTTP/1.1 200 \u00fc\u0080\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "tab in the reason", "HTTP/1.1 200 a\tb\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "NUL in the reason", "HTTP/1.1 200 a\0b\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "escape in the reason", "HTTP/1.1 200 a\u001bb\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "0x7F in the reason", "HTTP/1.1 200 a\u007fb\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "bare CR in the reason", "HTTP/1.1 200 a\rb\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "bare LF in the reason", "HTTP/1.1 200 a\nb\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "empty line in front", "\r\n" + Ok + "\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "space in front", " " + Ok + "\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "empty head", "\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "another protocol", "SSH-2.0-x\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },

        // Line ends.
        { "bare LF behind the status line", "HTTP/1.1 200 OK\nA: b\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "bare LF behind a field", Ok + "A: b\nC: d\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "bare LF everywhere", "HTTP/1.1 200 OK\nA: b\n\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "bare LF at the end", Ok + "A: b\r\n\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "CR CR LF", Ok + "A: b\r\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "bare CR in a value", Ok + "A: b\rc\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "bare CR in front of a name", Ok + "\rA: b\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },

        // Field lines.
        { "folded line", Ok + "A: b\r\n c\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "folded line with a colon", Ok + "A: b\r\n c: d\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "folded line with a tab", Ok + "A: b\r\n\tc: d\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "space in front of the first field", Ok + " A: b\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "line of spaces", Ok + "A: b\r\n  \r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "space before the colon", Ok + "A : b\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "tab before the colon", Ok + "A\t: b\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "space in the name", Ok + "A B: c\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "delimiter in the name", Ok + "A(b): c\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "obs-text in the name", Ok + "\u00e4: c\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "0x7F in the name", Ok + "A\u007f: c\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "every character of a token in the name", Ok + "!#$%&'*+-.^_`|~aZ09: c\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "empty name", Ok + ": b\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "no colon", Ok + "A\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "empty value", Ok + "A:\r\nB: \t \r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "colon in the value", Ok + "A::b:\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "tab in the value", Ok + "A:\tb\tc\t\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "obs-text in the value", Ok + "A: \u0080\u00ff\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "NUL in the value", Ok + "A: b\0\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "escape in the value", Ok + "A: \u001b[1m\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },
        { "0x7F in the value", Ok + "A: b\u007f\r\n\r\n", Verdict.Malformed, Verdict.Malformed, Verdict.Malformed },

        // Framing, which is the client's own matter: it alone reads what follows, and the tunnel keeps content only where its length is sure.
        { "the same length twice", Ok + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "two lengths", Ok + "Content-Length: 0\r\nContent-Length: 1\r\n\r\n", Verdict.Malformed, Verdict.Accepted, Verdict.Accepted },
        { "list of lengths", Ok + "Content-Length: 0, 0\r\n\r\n", Verdict.Malformed, Verdict.Accepted, Verdict.Accepted },
        { "negative length", Ok + "Content-Length: -1\r\n\r\n", Verdict.Malformed, Verdict.Accepted, Verdict.Accepted },
        { "length with a sign", Ok + "Content-Length: +1\r\n\r\n", Verdict.Malformed, Verdict.Accepted, Verdict.Accepted },
        { "length and coding", Ok + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", Verdict.Malformed, Verdict.Accepted, Verdict.Accepted },

        // Limits.
        { "256 fields", Ok + Repeat("a:\r\n", 256) + "\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "257 fields", Ok + Repeat("a:\r\n", 257) + "\r\n", Verdict.TooLarge, Verdict.TooLarge, Verdict.TooLarge },
        { "32 KiB", Ok + "A: " + Repeat("b", (32 * 1024) - Ok.Length - 7) + "\r\n\r\n", Verdict.Accepted, Verdict.Accepted, Verdict.Accepted },
        { "32 KiB and one", Ok + "A: " + Repeat("b", (32 * 1024) - Ok.Length - 6) + "\r\n\r\n", Verdict.TooLarge, Verdict.TooLarge, Verdict.TooLarge },
        { "endless line", "HTTP/1.1 200 " + Repeat("b", 40 * 1024), Verdict.TooLarge, Verdict.TooLarge, Verdict.TooLarge },

        // Cut off.
        { "nothing", "", Verdict.Incomplete, Verdict.Incomplete, Verdict.Incomplete },
        { "cut in the version", "HTTP/1", Verdict.Incomplete, Verdict.Incomplete, Verdict.Incomplete },
        { "cut in a field", Ok + "A: b", Verdict.Incomplete, Verdict.Incomplete, Verdict.Incomplete },
        { "cut in the last line", Ok + "A: b\r\n\r", Verdict.Incomplete, Verdict.Incomplete, Verdict.Incomplete },
    };

    [Theory]
    [MemberData(nameof(Heads))]
    public void Read_Head_IsJudgedAlikeByAllCallers(string name, string head, Verdict client, Verdict tunnel, Verdict tool)
    {
        var bytes = Encoding.Latin1.GetBytes(head);
        Assert.Equal((name, client, tunnel, tool), (name, ReadAsClient(bytes), ReadAsTunnel(bytes), ReadAsTool(bytes)));
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static SegmentedStream Open(byte[] head) => new(head.Length == 0 ? [] : [head]);

    private static Verdict ReadAsClient(byte[] head)
    {
        try
        {
            Oracle.AtOnce(new AnswerReader(Open(head), new(32 * 1024, 64 * 1024, 8), "peer").ReadHeadAsync(CancellationToken.None));
            return Verdict.Accepted;
        }
        catch (UpgradeException exception)
        {
            return exception.Error switch
            {
                HttpRequestError.InvalidResponse => Verdict.Malformed,
                HttpRequestError.ConfigurationLimitExceeded => Verdict.TooLarge,
                HttpRequestError.ResponseEnded => Verdict.Incomplete,
                _ => throw new InvalidOperationException("No other failure is one of a head.", exception),
            };
        }
    }

    private static Verdict ReadAsTunnel(byte[] head)
    {
        try
        {
            Oracle.AtOnce(NextProxyAnswer.ReadAsync(Open(head), TimeProvider.System, CancellationToken.None));
            return Verdict.Accepted;
        }
        catch (InvalidDataException exception)
        {
            return exception.Message.Contains("not HTTP/1.1", StringComparison.Ordinal) ? Verdict.Malformed : Verdict.TooLarge;
        }
        catch (IOException)
        {
            return Verdict.Incomplete;
        }
    }

    private static Verdict ReadAsTool(byte[] head)
    {
        try
        {
            Oracle.AtOnce(new HeadReader(Open(head)).ReadAsync(CancellationToken.None));
            return Verdict.Accepted;
        }
        catch (ProbeException exception)
        {
            return exception.Message.Contains("not HTTP/1.1", StringComparison.Ordinal) ? Verdict.Malformed
                : exception.Message.Contains("than", StringComparison.Ordinal) ? Verdict.TooLarge
                : Verdict.Incomplete;
        }
    }
}
