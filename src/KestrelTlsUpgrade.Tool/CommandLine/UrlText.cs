namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary>URLs as users type them.</summary>
internal static class UrlText
{
    /// <summary>Adds http if there is no scheme.</summary>
    public static string WithScheme(string text) => text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
}
