namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>
/// One request on its way through the pool. The connection that it is written to leaves its mark here: the pool writes requests
/// in the flow of their senders, so that each finds its own.
/// </summary>
internal sealed class RequestScope
{
    private static readonly AsyncLocal<RequestScope?> Flow = new();

    private RequestScope(bool isRedirected) => IsRedirected = isRedirected;

    public static RequestScope? Current => Flow.Value;

    /// <summary>The upgraded connection that the request was last written to; <see langword="null"/> where there was none.</summary>
    public TlsUpgradeInfo? Connection { get; set; }

    /// <summary>Whether the request goes where a response sent it, and not where its caller meant it to.</summary>
    public bool IsRedirected { get; }

    /// <summary>Whatever the request was written to, what comes now is something else.</summary>
    public static void Leave()
    {
        if (Flow.Value is { } scope)
        {
            scope.Connection = null;
        }
    }

    /// <summary>Begins a request in the calling method's flow. The caller's own is not changed by it.</summary>
    public static RequestScope Begin(bool isRedirected) => Flow.Value = new RequestScope(isRedirected);
}
