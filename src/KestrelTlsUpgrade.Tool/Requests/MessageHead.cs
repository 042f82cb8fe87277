using System.Globalization;
using System.Net.Http.Headers;
using KestrelTlsUpgrade.Tool.Probing;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>The lines of a message's head, which HTTP/2 sends in another form. The last one is empty.</summary>
internal static class MessageHead
{
    public static IEnumerable<string> LinesOf(HttpRequestMessage request) =>
    [
        $"{request.Method} {request.RequestUri!.PathAndQuery} {VersionText.Of(request.Version)}",
        .. request.Headers.Host is null ? [$"Host: {request.RequestUri.Authority}"] : Array.Empty<string>(),
        .. FieldsOf(request.Headers.NonValidated, request.Content?.Headers.NonValidated ?? default),
        "",
    ];

    public static IEnumerable<string> LinesOf(HttpResponseMessage response)
    {
        // HTTP/2 has no reason phrase (RFC 9113 section 8.3.2).
        var reason = response.Version.Major > 1 ? "" : $" {response.ReasonPhrase}";
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"{VersionText.Of(response.Version)} {(int)response.StatusCode}{reason}"),
            .. FieldsOf(response.Headers.NonValidated, response.Content.Headers.NonValidated),
            "",
        ];
    }

    private static IEnumerable<string> FieldsOf(HttpHeadersNonValidated message, HttpHeadersNonValidated content)
    {
        foreach (var (name, values) in message.Concat(content))
        {
            foreach (var value in values)
            {
                yield return $"{name}: {value}";
            }
        }
    }
}
