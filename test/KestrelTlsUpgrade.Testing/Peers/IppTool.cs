namespace KestrelTlsUpgrade.Testing;

/// <summary>The IPP client of CUPS.</summary>
internal static class IppTool
{
    private const string GetPrinterAttributes = """
        {
          NAME "Get printer attributes"
          OPERATION Get-Printer-Attributes
          GROUP operation-attributes-tag
          ATTR charset attributes-charset utf-8
          ATTR language attributes-natural-language en
          ATTR uri printer-uri $uri
          STATUS successful-ok
          DISPLAY printer-info
        }
        """;

    /// <summary>Asks the printer on a port for its attributes.</summary>
    /// <returns>Its exit code, and all that it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(int port, params string[] options)
    {
        var testFile = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(testFile, GetPrinterAttributes);
            return await Peers.RunAsync("", "ipptool", [.. options, "-tv", $"ipp://localhost:{port}/ipp/print", testFile]);
        }
        finally
        {
            File.Delete(testFile);
        }
    }
}
