using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Samples.Printer;

/// <summary>The conformance tests that come with CUPS, and some of our own, by every way to the printer.</summary>
public sealed partial class IppToolTests
{
    private const string Installed = "/usr/share/cups/ipptool";

    /// <summary>RFC 8011, PWG 5100.12 and PWG 5100.14: each includes the one before it.</summary>
    private const string Everywhere = "ipp-everywhere.test";

    /// <summary>
    /// If a 426 takes longer than a second, ipptool sends its request once more, with a number of its own instead of the 0 that is tested.
    /// </summary>
    private const string Renumbered = "RFC 8011 section 4.1.1: Bad request-id value 0";

    private static readonly string Own = Path.Combine(AppContext.BaseDirectory, "Samples", "Printer", "printer.test");

    [Theory]
    [InlineData(false, "ipp")]
    [InlineData(false, "ipp", "-E")]
    [InlineData(true, "ipp")]
    [InlineData(false, "ipps")]
    public async Task EveryTest_Passes(bool requiresTls, string scheme, params string[] options)
    {
        Peers.Require("ipptool");
        await using var printer = await PrinterProcess.StartAsync($"RequireTls={requiresTls}", "Logging:LogLevel:KestrelTlsUpgrade=Debug");
        using var files = await TestFiles.CreateAsync();
        foreach (var file in new[] { files[Everywhere], Own })
        {
            var (exitCode, output) = await Peers.RunAsync(
                "",
                "ipptool",
                [.. options, "-t", "-f", files["document-a4.pdf"], $"{scheme}://{(scheme == "ipps" ? printer.Https : printer.EndPoint)}/ipp/print", file]);
            var failures = Failure().Matches(output).Select(static match => match.Groups[1].Value).Where(name => !requiresTls || name != Renumbered).ToArray();
            Assert.True(failures.Length == 0 && (exitCode == 0 || Failure().IsMatch(output)), output);
            Assert.True(Passed().Matches(output).Sum(static match => int.Parse(match.Groups[1].ValueSpan, null)) >= (file == Own ? 15 : 100), output);
        }

        Assert.Equal(requiresTls || options.Length > 0, printer.Log.Any(static line => line.Contains("was upgraded with", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^ *(\S.*?) +\[FAIL\]$", RegexOptions.Multiline)]
    private static partial Regex Failure();

    [GeneratedRegex(", ([0-9]+) passed")]
    private static partial Regex Passed();

    /// <summary>The tests, beside documents of every format that they print. Debian's package has none.</summary>
    private sealed partial class TestFiles : IDisposable
    {
        private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

        public string this[string name] => Path.Combine(_directory.FullName, name);

        public static async Task<TestFiles> CreateAsync()
        {
            var files = new TestFiles();
            foreach (var test in Directory.EnumerateFiles(Installed, "ipp-*.test"))
            {
                var text = await File.ReadAllTextAsync(test);
                await File.WriteAllTextAsync(files[Path.GetFileName(test)], text);
                foreach (Match document in Document().Matches(text))
                {
                    var path = files[document.Groups[1].Value];
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    await File.WriteAllBytesAsync(path, [.. BeginningOf(Path.GetExtension(path)), .. new byte[2000]]);
                }
            }

            return files;
        }

        public void Dispose() => _directory.Delete(recursive: true);

        private static byte[] BeginningOf(string extension) => extension switch
        {
            ".pdf" => "%PDF-1.4\n"u8.ToArray(),
            ".jpg" => [0xFF, 0xD8, 0xFF, 0xE0],
            ".pwg" => "RaS2"u8.ToArray(),
            _ => [],
        };

        [GeneratedRegex("""^\s*FILE\s+([^\s$]+)\s*$""", RegexOptions.Multiline)]
        private static partial Regex Document();
    }
}
