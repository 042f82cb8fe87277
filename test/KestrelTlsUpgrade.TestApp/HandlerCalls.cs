namespace KestrelTlsUpgrade.TestApp;

/// <summary>Counts how often a handler ran, whichever it was.</summary>
public sealed class HandlerCalls
{
    private int _count;

    public int Count => _count;

    /// <summary>Counts a call, and returns what a handler may answer.</summary>
    public string Record()
    {
        Interlocked.Increment(ref _count);
        return "ran";
    }
}
