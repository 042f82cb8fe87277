using System.Globalization;

namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>What is needed of the head of a response.</summary>
internal sealed record ResponseHead(int Status, long? Length, bool IsChunked, bool IsLast, string? Arrival)
{
    public static ResponseHead Parse(string head)
    {
        var lines = head.Split("\r\n");
        if (!lines[0].StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"Not a status line: '{lines[0]}'.");
        }

        var fields = lines.Skip(1).Where(static line => line.Length > 0)
            .Select(static line => line.Split(": ", 2))
            .ToLookup(static field => field[0], static field => field[1], StringComparer.OrdinalIgnoreCase);
        return new ResponseHead(
            int.Parse(lines[0].AsSpan(9, 3), CultureInfo.InvariantCulture),
            fields["Content-Length"].SingleOrDefault() is { } length ? long.Parse(length, CultureInfo.InvariantCulture) : null,
            fields["Transfer-Encoding"].SingleOrDefault() == "chunked",
            fields["Connection"].Contains("close"),
            fields[Server.SoakApplication.Arrival].SingleOrDefault());
    }
}
