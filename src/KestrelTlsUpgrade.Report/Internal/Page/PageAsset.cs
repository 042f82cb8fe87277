namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>A part of the page that is a file of this project, embedded in the assembly.</summary>
internal sealed class PageAsset
{
    private PageAsset(string name)
    {
        using var reader = new StreamReader(typeof(PageAsset).Assembly.GetManifestResourceStream(name)!);
        Text = reader.ReadToEnd();
    }

    /// <summary>How the page looks: in light and dark, on a wide screen and on a narrow one.</summary>
    public static PageAsset Style { get; } = new("report.css");

    /// <summary>
    /// Updates the figures every few seconds where scripts run. What the reader has unfolded, scrolled to or focused stays, and nothing
    /// moves while text is selected, the page is hidden, or the reader has paused it. It sends one request at a time, so it does not
    /// flood a slow server.
    /// </summary>
    public static PageAsset Script { get; } = new("report.js");

    public string Text { get; }
}
