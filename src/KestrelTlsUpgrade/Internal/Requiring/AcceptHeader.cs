using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>The media type that a client prefers (RFC 9110 section 12.5.1).</summary>
internal static class AcceptHeader
{
    private static readonly MediaTypeHeaderValue Html = new("text/html");
    private static readonly MediaTypeHeaderValue Problem = new("application/problem+json");
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>Whether the client prefers HTML to JSON, as browsers do. Without a preference, JSON is used.</summary>
    public static bool IsHtml(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList((StringValues)request.Headers.Accept, out var ranges))
        {
            return false;
        }

        return GetQuality(ranges, Html) > Math.Max(GetQuality(ranges, Problem), GetQuality(ranges, Json));
    }

    /// <summary>The quality value of the most specific range that matches a media type.</summary>
    private static double GetQuality(IList<MediaTypeHeaderValue> ranges, MediaTypeHeaderValue type)
    {
        var (specificity, quality) = (-1, 0d);
        foreach (var range in ranges)
        {
            var isAs = range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
            if (isAs > specificity && range.MatchesMediaType(type.MediaType))
            {
                (specificity, quality) = (isAs, range.Quality ?? 1);
            }
        }

        return quality;
    }
}
