using System.Globalization;
using KestrelTlsUpgrade.Tool.Reporting;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>Writes a response: its head as text where it is wanted, and its content byte for byte.</summary>
internal sealed class ResponseWriter(RequestSettings settings, ToolConsole console)
{
    public async Task WriteAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (settings.IncludesHead)
        {
            await WriteHeadAsync(response);
        }

        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (settings.OutputFile is null)
        {
            await content.CopyToAsync(console.Output, cancellationToken);
            await console.Output.FlushAsync(cancellationToken);
            return;
        }

        await using var file = Open(settings.OutputFile);
        await content.CopyToAsync(file, cancellationToken);
    }

    private async Task WriteHeadAsync(HttpResponseMessage response)
    {
        await console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"HTTP/{response.Version} {(int)response.StatusCode} {PrintableText.Of(response.ReasonPhrase ?? "")}"));
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            foreach (var value in values)
            {
                await console.Out.WriteLineAsync($"{name}: {PrintableText.Of(value)}");
            }
        }

        await console.Out.WriteLineAsync();
        await console.Out.FlushAsync();
    }

    private static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Create, FileAccess.Write);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ToolException(ExitCode.FileFailed, $"{file} cannot be written: {exception.Message}");
        }
    }
}
