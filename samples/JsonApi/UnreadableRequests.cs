namespace JsonApi;

/// <summary>A request that cannot be read, or is too large, is a fault of its sender and no error here.</summary>
internal static class UnreadableRequests
{
    public static void Answer(ExceptionHandlerOptions options)
    {
        options.StatusCodeSelector = static exception =>
            (exception as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError;
        options.SuppressDiagnosticsCallback = static context => context.Exception is BadHttpRequestException;
    }
}
