namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>The method of a request.</summary>
internal static class RequestMethod
{
    /// <summary>The given method, or the one that fits the content, as in curl.</summary>
    public static HttpMethod Of(string? name, bool hasContent)
    {
        if (name is null)
        {
            return hasContent ? HttpMethod.Post : HttpMethod.Get;
        }

        try
        {
            // CONNECT opens tunnels and makes no sense here.
            return HttpMethod.Parse(name) is var method && method != HttpMethod.Connect
                ? method
                : throw new ToolException(ExitCode.Usage, "CONNECT cannot be sent; --proxy uses it by itself");
        }
        catch (FormatException)
        {
            throw new ToolException(ExitCode.Usage, $"'{name}' is not a method");
        }
    }
}
