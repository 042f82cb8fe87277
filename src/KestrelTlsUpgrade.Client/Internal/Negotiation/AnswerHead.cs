using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.ResponseHead;

namespace KestrelTlsUpgrade.Client.Internal.Negotiation;

/// <summary>
/// The parts of a response head that decide how the upgrade continues. All other fields are ignored, because anyone on the path may have
/// written them.
/// </summary>
internal sealed class AnswerHead
{
    /// <summary>The reason ends up in a message, and a peer must not control the length of that.</summary>
    private const int MaxReasonLength = 80;

    private readonly List<string> _upgrade = [];
    private string? _retryAfter;
    private bool _hasLength;
    private bool _hasCoding;

    private AnswerHead(StatusLine line)
    {
        Status = line.Status;
        Reason = Encoding.Latin1.GetString(line.Reason[..Math.Min(line.Reason.Length, MaxReasonLength)]);
        IsPersistent = line.MinorVersion > 0;
        Content = Framing.UntilClose;
    }

    public int Status { get; }

    /// <summary>The reason phrase, truncated if it is long.</summary>
    public string Reason { get; }

    /// <summary>The first TLS token of the Upgrade field, as the server spelled it.</summary>
    public string? TlsToken => _upgrade.Find(static member => UpgradeTokenText.Parse(member) is not UpgradeToken.None);

    /// <summary>Whether the connection can carry another exchange after this one (RFC 9112 section 9.3).</summary>
    public bool IsPersistent { get; private set; }

    /// <summary>How the content ends if the response can have content (RFC 9112 section 6.3).</summary>
    public Framing Content { get; private set; }

    /// <summary>The length of the content, if the head declares it.</summary>
    public long ContentLength { get; private set; }

    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    /// <summary>Reads the relevant fields of a head. Returns <see langword="null"/> if the end of the content is ambiguous.</summary>
    public static AnswerHead? Of(ReceivedHead head)
    {
        var answer = new AnswerHead(head.StatusLine);
        foreach (var field in head)
        {
            if (!answer.TryTakeField(field))
            {
                return null;
            }
        }

        // A length together with a coding is a smuggling vector (RFC 9112 section 6.3). In a 101 both are meaningless.
        if (answer is { _hasLength: true, _hasCoding: true, Status: >= 200 })
        {
            return null;
        }

        if (answer.Status is < 200 or 204 or 304)
        {
            answer.Content = Framing.None;
        }

        return answer;
    }

    /// <summary>
    /// Decides what the answer means. A 101 counts if it names a TLS token, of any version and in any case (RFC 9110 section 7.8). Its
    /// Connection field is not checked: no version of CUPS sends <c>upgrade</c> there.
    /// </summary>
    /// <param name="bytesBehind">Number of bytes received after the head.</param>
    public Verdict Judge(int bytesBehind) => this switch
    {
        { Status: not 101 } => Verdict.Refused,
        { TlsToken: null } => Verdict.WrongProtocol,
        _ => bytesBehind == 0 ? Verdict.Switch : Verdict.EarlyBytes,
    };

    /// <summary>How long the peer wants to be left alone (RFC 9110 section 10.2.3); <see langword="null"/> if it does not say.</summary>
    public TimeSpan? RetryAfter(TimeProvider timeProvider)
    {
        if (_retryAfter is null || !RetryConditionHeaderValue.TryParse(_retryAfter, out var value))
        {
            return null;
        }

        var wait = value.Delta ?? value.Date!.Value - timeProvider.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private bool TryTakeField(FieldLine field)
    {
        if (field.Is("Upgrade"u8))
        {
            foreach (var range in field.Value.Split((byte)','))
            {
                _upgrade.Add(Encoding.Latin1.GetString(field.Value[range].Trim(" \t"u8)));
            }
        }
        else if (field.Is("Connection"u8))
        {
            IsPersistent &= !ConnectionOptions.HasClose(Encoding.Latin1.GetString(field.Value));
        }
        else if (field.Is("Retry-After"u8))
        {
            _retryAfter = Encoding.Latin1.GetString(field.Value);
        }
        else if (field.Is("Content-Length"u8))
        {
            return TryTakeLength(field.Value);
        }
        else if (field.Is("Transfer-Encoding"u8))
        {
            // Several lines form one list (RFC 9110 section 5.3). Several codings are not worth decoding for content that is thrown away.
            Content = Ascii.EqualsIgnoreCase(field.Value, "chunked"u8) && !_hasCoding
                ? Framing.Chunked
                : Framing.UntilClose;
            _hasCoding = true;
        }

        return true;
    }

    private bool TryTakeLength(ReadOnlySpan<byte> value)
    {
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || (_hasLength && length != ContentLength))
        {
            // A 101 has no content, so its Content-Length may be nonsense.
            return Status < 200;
        }

        _hasLength = true;
        ContentLength = length;
        Content = length == 0 ? Framing.None : Framing.Length;
        return true;
    }

    /// <summary>How the content of an answer ends (RFC 9112 section 6.3).</summary>
    internal enum Framing
    {
        None,
        Length,
        Chunked,
        UntilClose,
    }

    /// <summary>What a plaintext answer means for the upgrade.</summary>
    internal enum Verdict
    {
        /// <summary>TLS starts with the next byte.</summary>
        Switch,

        /// <summary>A final response: the server stays in clear text (RFC 2817 section 3.1).</summary>
        Refused,

        /// <summary>A 101 that does not name TLS: the server switches to a protocol that was not offered.</summary>
        WrongProtocol,

        /// <summary>Bytes follow the 101. The client speaks first in TLS, so they are an attack or a defect.</summary>
        EarlyBytes,
    }
}
