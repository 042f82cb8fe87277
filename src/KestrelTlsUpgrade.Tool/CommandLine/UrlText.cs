namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary>URLs as people type them.</summary>
internal static class UrlText
{
    /// <summary>Where none is given, the scheme is http.</summary>
    public static string WithScheme(string text) => text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
}
