using System.Globalization;
using System.Net;
using KestrelTlsUpgrade.Tool.Requests.Tracing;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>Sends a request, within its time, and says why there is no response.</summary>
internal sealed class RequestRunner(RequestSettings settings, ToolConsole console, TimeProvider timeProvider)
{
    private readonly ExchangeTrace? _trace = settings.IsVerbose ? new ExchangeTrace(console.Error) : null;

    /// <param name="receive">Takes the response. Its content counts towards the time.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <exception cref="ToolException">There is no whole response.</exception>
    public async Task RunAsync(Func<HttpResponseMessage, CancellationToken, Task> receive, CancellationToken cancellationToken)
    {
        using var handler = RequestHandler.Create(settings, _trace);
        using var deadline = new CancellationTokenSource(settings.Timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = await CreateRequestAsync(either.Token);
            using var client = new HttpMessageInvoker(handler, disposeHandler: false);
            using var response = await client.SendAsync(request, either.Token);
            if (response.Version == HttpVersion.Version20)
            {
                _trace?.Http2Head(response);
            }

            _trace?.ConnectionUsed(response.GetTlsUpgradeInfo());
            await receive(response, either.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && (exception is OperationCanceledException || (deadline.IsCancellationRequested && exception is not ToolException)))
        {
            throw new ToolException(
                ExitCode.ExchangeFailed,
                string.Create(CultureInfo.InvariantCulture, $"no whole answer within {settings.Timeout.TotalSeconds:0.###} s (--timeout)"));
        }
        catch (HttpRequestException exception)
        {
            throw new ToolException(RequestFailure.ExitCodeOf(exception), RequestFailure.Describe(exception));
        }
        catch (IOException exception)
        {
            throw new ToolException(ExitCode.ExchangeFailed, exception.Message);
        }
    }

    private async Task<HttpRequestMessage> CreateRequestAsync(CancellationToken cancellationToken)
    {
        if (settings is { IsServerWide: true, Url.PathAndQuery: not "/" })
        {
            throw new ToolException(ExitCode.Usage, $"--asterisk is for the server, and {settings.Url} names a resource");
        }

        var request = new HttpRequestMessage(settings.Method, settings.Url)
        {
            Content = await RequestContent.ReadAsync(settings.Contents, console.Input, cancellationToken),
        };
        if (settings.UsesHttp2)
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        }

        request.Headers.UserAgent.Add(new("tls-upgrade", ToolVersion.Number));
        foreach (var group in settings.Fields.GroupBy(static field => field.Name, StringComparer.OrdinalIgnoreCase))
        {
            Set(request, group.Key, [.. group.Select(static field => field.Value).OfType<string>()]);
        }

        return request;
    }

    private static void Set(HttpRequestMessage request, string name, string[] values)
    {
        // Explicit fields replace the defaults.
        if (request.Headers.TryAddWithoutValidation(name, []))
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, values);
        }
        else if (request.Content is { } content)
        {
            content.Headers.Remove(name);
            content.Headers.TryAddWithoutValidation(name, values);
        }
        else if (values.Length > 0)
        {
            throw new ToolException(ExitCode.Usage, $"{name} is a field of content, and there is none (--data)");
        }
    }
}
