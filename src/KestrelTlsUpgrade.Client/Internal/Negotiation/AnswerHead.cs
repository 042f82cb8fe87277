using System.Globalization;
using System.Text;
using KestrelTlsUpgrade.Internal.HttpSyntax;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Client.Internal.Negotiation;

/// <summary>
/// What counts of the head of a response to the upgrade request: how it goes on from here. No other field of it has any effect,
/// as anybody on the path may have written it.
/// </summary>
internal sealed class AnswerHead
{
    /// <summary>It ends up in a message, which a peer must not make as long as it likes.</summary>
    private const int MaxReasonLength = 80;

    private readonly List<string> _upgrade = [];
    private bool _hasLength;
    private bool _hasCoding;

    private AnswerHead()
    {
    }

    public int Status { get; private set; }

    /// <summary>The reason phrase, or its beginning.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The first TLS token of the Upgrade field, as the server wrote it.</summary>
    public string? TlsToken => _upgrade.Find(static member => UpgradeTokenText.Parse(member) is not UpgradeToken.None);

    /// <summary>Whether the connection can carry another exchange after this one (RFC 9112 section 9.3).</summary>
    public bool IsPersistent { get; private set; }

    /// <summary>How the content ends, for a request that has content in its answer (RFC 9112 section 6.3).</summary>
    public AnswerContent Content { get; private set; }

    /// <summary>The length of the content where the head gives it.</summary>
    public long ContentLength { get; private set; }

    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    /// <summary>Reads a head with the empty line at its end. <see langword="null"/> if it is not one of HTTP/1.x.</summary>
    public static AnswerHead? Parse(ReadOnlySpan<byte> head)
    {
        var answer = new AnswerHead();
        var lines = Encoding.Latin1.GetString(head).Split("\r\n");
        if (lines is not [var statusLine, .. var fields, "", ""] || !answer.TryTakeStatusLine(statusLine))
        {
            return null;
        }

        foreach (var field in fields)
        {
            if (!answer.TryTakeField(field))
            {
                return null;
            }
        }

        // Both lengths are how requests are smuggled (RFC 9112 section 6.3); only a 101 has neither whatever it says.
        if (answer is { _hasLength: true, _hasCoding: true, Status: >= 200 })
        {
            return null;
        }

        if (answer.Status is < 200 or 204 or 304)
        {
            answer.Content = AnswerContent.None;
        }

        return answer;
    }

    private bool TryTakeStatusLine(string line)
    {
        if (line is not ['H', 'T', 'T', 'P', '/', '1', '.', var minor and >= '0' and <= '9', ' ', .. var rest]
            || rest.Length < 3
            || !int.TryParse(rest.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            || status < 100
            || (rest.Length > 3 && rest[3] != ' ')
            || HasControl(rest))
        {
            return false;
        }

        Status = status;
        Reason = rest.Length > 4 ? rest[4..Math.Min(rest.Length, 4 + MaxReasonLength)] : "";
        IsPersistent = minor != '0';
        Content = AnswerContent.UntilClose;
        return true;
    }

    private bool TryTakeField(string line)
    {
        // No folded lines, and no space before the colon (RFC 9112 section 5).
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !HttpToken.IsValid(line.AsSpan(0, colon)) || HasControl(line))
        {
            return false;
        }

        var name = line.AsSpan(0, colon);
        var value = line.AsSpan(colon + 1).Trim(" \t");
        if (Is(name, "Upgrade"))
        {
            foreach (var range in value.Split(','))
            {
                _upgrade.Add(value[range].Trim(" \t").ToString());
            }
        }
        else if (Is(name, "Connection"))
        {
            IsPersistent &= !ConnectionOptions.HasClose(value);
        }
        else if (Is(name, "Content-Length"))
        {
            return TryTakeLength(value);
        }
        else if (Is(name, "Transfer-Encoding"))
        {
            // Lines form one list (RFC 9110 section 5.3), and whoever applies several codings does so for content nobody asked for.
            Content = value.Equals("chunked", StringComparison.OrdinalIgnoreCase) && !_hasCoding
                ? AnswerContent.Chunked
                : AnswerContent.UntilClose;
            _hasCoding = true;
        }

        return true;
    }

    private bool TryTakeLength(ReadOnlySpan<char> value)
    {
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || (_hasLength && length != ContentLength))
        {
            // A 101 has no content whatever it says, so what it says need not make sense.
            return Status < 200;
        }

        _hasLength = true;
        ContentLength = length;
        Content = length == 0 ? AnswerContent.None : AnswerContent.Length;
        return true;
    }

    private static bool HasControl(ReadOnlySpan<char> text) => text.ContainsAnyInRange('\0', '\x08') || text.ContainsAnyInRange('\x0A', '\x1F');

    private static bool Is(ReadOnlySpan<char> name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
