namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>Marks exceptions of the caller. Their type stays the platform's own, because callers may check for exactly that.</summary>
internal static class LastingFailure
{
    public const string Key = "KestrelTlsUpgrade.IsLasting";

    public static HttpRequestException Mark(HttpRequestException exception)
    {
        exception.Data[Key] = true;
        return exception;
    }
}
