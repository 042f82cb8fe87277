namespace KestrelTlsUpgrade.Testing;

/// <summary>The browser, without a window.</summary>
internal static class Chromium
{
    /// <summary>Opens a page, trusting whatever certificate it meets, and returns the document that it ends up with.</summary>
    public static async Task<string> OpenAsync(string uri)
    {
        var profile = Directory.CreateTempSubdirectory();
        try
        {
            var (_, output) = await Peers.RunAsync(
                "",
                "chromium",
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--ignore-certificate-errors", $"--user-data-dir={profile.FullName}",
                "--dump-dom", uri);
            return output;
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }
}
