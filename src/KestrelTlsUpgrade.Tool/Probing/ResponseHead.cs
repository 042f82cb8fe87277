using System.Globalization;
using System.Text;
using KestrelTlsUpgrade.Internal.HttpSyntax;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>The head of an HTTP/1.x response (RFC 9112 sections 4 and 5). What is not strictly one is none.</summary>
internal sealed class ResponseHead
{
    private readonly List<(string Name, string Value)> _fields = [];

    private ResponseHead(int status, string reason)
    {
        Status = status;
        Reason = reason;
    }

    public int Status { get; }

    public string Reason { get; }

    /// <summary>Whether another response to the same request follows (RFC 9110 section 15.2).</summary>
    public bool IsInterim => Status is < 200 and not 101;

    /// <summary>The members of the Upgrade field, as they were written.</summary>
    public string[] Upgrade => [.. ListOf("Upgrade")];

    public string? Server => ValueOf("Server");

    public bool ConnectionHasUpgrade => ValuesOf("Connection").Any(static value => ConnectionOptions.HasUpgrade(value));

    public bool ConnectionHasClose => ValuesOf("Connection").Any(static value => ConnectionOptions.HasClose(value));

    /// <summary>Whether nothing follows, whatever the request was (RFC 9112 section 6.3).</summary>
    public bool HasNoContent => ValueOf("Transfer-Encoding") is null && ValuesOf("Content-Length").Distinct().ToArray() is ["0"];

    /// <summary>Reads a head with the empty line at its end. <see langword="null"/> if it is not one.</summary>
    public static ResponseHead? TryParse(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.Latin1.GetString(bytes).Split("\r\n");
        if (lines is not [var statusLine, .. var fieldLines, "", ""] || TryParseStatusLine(statusLine) is not { } head)
        {
            return null;
        }

        return fieldLines.All(head.TryAdd) ? head : null;
    }

    private static ResponseHead? TryParseStatusLine(string line) =>
        line is ['H', 'T', 'T', 'P', '/', '1', '.', >= '0' and <= '9', ' ', .. { Length: >= 3 } rest]
        && int.TryParse(rest.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
        && status >= 100
        && (rest.Length == 3 || rest[3] == ' ')
        && !HasControl(rest)
            ? new ResponseHead(status, rest.Length > 4 ? rest[4..] : "")
            : null;

    private bool TryAdd(string line)
    {
        // Neither folded lines nor a space before the colon (RFC 9112 section 5).
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !HttpToken.IsValid(line.AsSpan(0, colon)) || HasControl(line))
        {
            return false;
        }

        _fields.Add((line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        return true;
    }

    private string? ValueOf(string name) => ValuesOf(name).FirstOrDefault();

    private IEnumerable<string> ValuesOf(string name) =>
        _fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value);

    private IEnumerable<string> ListOf(string name) =>
        ValuesOf(name).SelectMany(static value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static bool HasControl(ReadOnlySpan<char> text) =>
        text.ContainsAnyInRange('\0', '\x08') || text.ContainsAnyInRange('\x0A', '\x1F') || text.Contains('\x7F');
}
