using System.Globalization;
using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.ResponseHead;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>The head of an HTTP/1.x response.</summary>
internal sealed class ResponseHead
{
    private readonly List<(string Name, string Value)> _fields = [];

    public ResponseHead(ReceivedHead head)
    {
        Status = head.StatusLine.Status;
        Reason = Encoding.Latin1.GetString(head.StatusLine.Reason);
        foreach (var field in head)
        {
            _fields.Add((Encoding.Latin1.GetString(field.Name), Encoding.Latin1.GetString(field.Value)));
        }
    }

    public int Status { get; }

    public string Reason { get; }

    /// <summary>Whether another response to the same request follows (RFC 9110 section 15.2).</summary>
    public bool IsInterim => Status is < 200 and not 101;

    /// <summary>The members of the Upgrade field, as the server spelled them.</summary>
    public string[] Upgrade => [.. ListOf("Upgrade")];

    public string? Server => ValueOf("Server");

    public bool ConnectionHasUpgrade => ValuesOf("Connection").Any(static value => ConnectionOptions.HasUpgrade(value));

    public bool ConnectionHasClose => ValuesOf("Connection").Any(static value => ConnectionOptions.HasClose(value));

    /// <summary>Whether the response has no content, whatever the request was (RFC 9112 section 6.3).</summary>
    public bool HasNoContent => ValueOf("Transfer-Encoding") is null && ValuesOf("Content-Length").Distinct().ToArray() is ["0"];

    /// <summary>Whether the content is chunked, which overrides a length (RFC 9112 section 6.3).</summary>
    public bool IsChunked => ListOf("Transfer-Encoding").LastOrDefault()?.Equals("chunked", StringComparison.OrdinalIgnoreCase) is true;

    /// <summary>The length of the content; <see langword="null"/> if only the end of the connection ends it.</summary>
    public long? ContentLength =>
        Status is 204 or 304 ? 0
        : ValueOf("Transfer-Encoding") is null && ValuesOf("Content-Length").Distinct().ToArray() is [var one]
            && long.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length
        : null;

    private string? ValueOf(string name) => ValuesOf(name).FirstOrDefault();

    private IEnumerable<string> ValuesOf(string name) =>
        _fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value);

    private IEnumerable<string> ListOf(string name) =>
        ValuesOf(name).SelectMany(static value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
