namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>The method of a request.</summary>
internal static class RequestMethod
{
    /// <summary>The method that is named, or else the one that goes with the content, as curl has it.</summary>
    public static HttpMethod Of(string? name, bool hasContent)
    {
        if (name is null)
        {
            return hasContent ? HttpMethod.Post : HttpMethod.Get;
        }

        try
        {
            // CONNECT opens tunnels; it has no place here.
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
