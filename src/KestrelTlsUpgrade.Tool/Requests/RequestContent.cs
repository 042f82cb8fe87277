namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>The content of a request.</summary>
internal static class RequestContent
{
    /// <summary>The content type if the user sets none, as in curl.</summary>
    private const string DefaultType = "application/x-www-form-urlencoded";

    /// <summary>
    /// Reads the content; <see langword="null"/> for none. It is buffered in memory so that it can be sent again after a 426.
    /// </summary>
    public static async Task<HttpContent?> ReadAsync(IReadOnlyList<string> parts, Stream input, CancellationToken cancellationToken)
    {
        if (parts.Count == 0)
        {
            return null;
        }

        using var bytes = new MemoryStream();
        foreach (var part in parts)
        {
            if (bytes.Length > 0)
            {
                bytes.WriteByte((byte)'&');
            }

            await AddAsync(bytes, part, input, cancellationToken);
        }

        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentType = new(DefaultType);
        return content;
    }

    private static async Task AddAsync(MemoryStream bytes, string part, Stream input, CancellationToken cancellationToken)
    {
        if (!part.StartsWith('@'))
        {
            bytes.Write(System.Text.Encoding.UTF8.GetBytes(part));
            return;
        }

        var isInput = part == "@-";
        try
        {
            if (isInput)
            {
                await input.CopyToAsync(bytes, cancellationToken);
            }
            else
            {
                bytes.Write(await File.ReadAllBytesAsync(part[1..], cancellationToken));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ToolException(ExitCode.FileFailed, $"{(isInput ? "standard input" : part[1..])} cannot be read: {exception.Message}");
        }
    }
}
