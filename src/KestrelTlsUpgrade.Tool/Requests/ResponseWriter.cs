using KestrelTlsUpgrade.Tool.Reporting;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>Writes a response: the head as text if requested, and the content byte for byte.</summary>
internal sealed class ResponseWriter(RequestSettings settings, ToolConsole console)
{
    private const int BufferSize = 16 * 1024;
    private const int FirstErrorStatus = 400;

    public async Task WriteAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (settings.FailsOnStatus && (int)response.StatusCode >= FirstErrorStatus)
        {
            throw new ToolException(ExitCode.HttpError, StatusText.Of(response));
        }

        if (settings.IncludesHead)
        {
            await WriteHeadAsync(response);
        }

        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (settings.OutputFile is null)
        {
            await CopyAsync(content, console.Output, "standard output", cancellationToken);
            return;
        }

        await using var file = Open(settings.OutputFile);
        await CopyAsync(content, file, settings.OutputFile, cancellationToken);
    }

    /// <summary>Distinguishes a file that cannot be written from a response that cannot be read.</summary>
    private static async Task CopyAsync(Stream content, Stream output, string name, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        int count;
        while ((count = await content.ReadAsync(buffer, cancellationToken)) > 0)
        {
            try
            {
                await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                await output.FlushAsync(cancellationToken);
            }
            catch (IOException exception)
            {
                throw CannotWrite(name, exception);
            }
        }
    }

    private async Task WriteHeadAsync(HttpResponseMessage response)
    {
        foreach (var line in MessageHead.LinesOf(response))
        {
            await console.Out.WriteLineAsync(PrintableText.Of(line));
        }

        await console.Out.FlushAsync();
    }

    private static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0, useAsync: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CannotWrite(file, exception);
        }
    }

    private static ToolException CannotWrite(string name, Exception exception) =>
        new(ExitCode.FileFailed, $"{name} cannot be written: {exception.Message}");
}
