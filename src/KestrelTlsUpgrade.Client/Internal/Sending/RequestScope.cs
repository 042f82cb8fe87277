namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>
/// One request on its way through the connection pool. The pool writes a request in its sender's execution context, so the connection finds
/// the request's scope here and records itself in it.
/// </summary>
internal sealed class RequestScope
{
    private static readonly AsyncLocal<RequestScope?> Flow = new();

    private RequestScope(bool isRedirected) => IsRedirected = isRedirected;

    public static RequestScope? Current => Flow.Value;

    /// <summary>The upgraded connection that the request was last written to; <see langword="null"/> if there was none.</summary>
    public ResponseConnection? Connection { get; set; }

    /// <summary>Whether the request follows a redirect rather than going to the caller's original target.</summary>
    public bool IsRedirected { get; }

    /// <summary>Discards what an earlier attempt recorded.</summary>
    public static void Leave()
    {
        if (Flow.Value is { } scope)
        {
            scope.Connection = null;
        }
    }

    /// <summary>Starts a scope in the calling method's execution context. The caller's own context is not changed.</summary>
    public static RequestScope Begin(bool isRedirected) => Flow.Value = new RequestScope(isRedirected);
}
