using System.Net;
using System.Text;
using KestrelTlsUpgrade.FunctionalTests.Samples.Printer;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>
/// A print system and two printers, one of which answers over TLS only, for all tests with CUPS. What a test changes of the system's
/// settings, it takes back.
/// </summary>
[CollectionDefinition(Name)]
public sealed class CupsFixture : IAsyncLifetime, ICollectionFixture<CupsFixture>
{
    internal const string Name = "CUPS";

    private readonly CertificateFiles _files = new();
    private PrinterProcess? _open;
    private PrinterProcess? _required;
    private PrintSystem? _system;

    internal PrintSystem System => Require(_system);

    /// <summary>
    /// The certificate that every printer needs as settings: CUPS keeps the first one that it sees of a host, and takes no other.
    /// </summary>
    internal string[] Certificate { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        // Where they are missing, each test is skipped. The scheduler of macOS is the system's own.
        if (!OperatingSystem.IsLinux() || !Peers.Has("cupsd") || !Peers.Has("lpadmin"))
        {
            return;
        }

        Certificate =
        [
            $"TlsUpgrade:Certificate:Path={_files.WritePem("printer.crt", TestCertificates.Server)}",
            $"TlsUpgrade:Certificate:KeyPath={_files.WriteKey("printer.key", TestCertificates.Server)}",
        ];
        var open = StartPrinterAsync(requiresTls: false);
        var required = StartPrinterAsync(requiresTls: true);
        _system = await PrintSystem.StartAsync();
        _open = await open;
        _required = await required;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var disposable in new IAsyncDisposable?[] { _system, _open, _required })
        {
            if (disposable is not null)
            {
                await disposable.DisposeAsync();
            }
        }

        _files.Dispose();
    }

    /// <summary>Writes a document of its own.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">How long it is.</param>
    internal PrintedDocument WriteDocument(string name, int length = 2000)
    {
        var text = $"These are the contents of {name}.";
        var content = new byte[length];
        new Random(length).NextBytes(content);
        Encoding.ASCII.GetBytes($"%PDF-1.4\n{text}\n").CopyTo(content, 0);
        var path = _files.GetPath($"{name}.pdf");
        File.WriteAllBytes(path, content);
        return new(path, content, text);
    }

    /// <summary>The URI of a queue.</summary>
    /// <param name="queue">The URI, with <c>…</c> in the place of the printer.</param>
    /// <param name="settings">The settings of the printer.</param>
    /// <param name="port">The port of a relay in front of it, if there is one.</param>
    internal string ToUri(string queue, PrinterSettings settings, int? port = null)
    {
        // That port has a certificate of its own, so it needs a name of its own.
        var host = settings != PrinterSettings.Https ? "localhost" : port is null ? settings.Address : "127.0.0.1";
        return queue.Replace("…", $"{host}:{port ?? Find(settings).Port}/ipp/print", StringComparison.Ordinal);
    }

    internal IPEndPoint Find(PrinterSettings settings) => FindPrinter(settings).Find(settings.Address);

    internal PrinterProcess FindPrinter(PrinterSettings settings) => Require(settings.RequiresTls ? _required : _open);

    /// <summary>Takes back what a test has changed of the settings of clients.</summary>
    internal Task ResetAsync() => _system?.ConfigureClientsAsync() ?? Task.CompletedTask;

    /// <summary>Whether the printer has exactly these octets.</summary>
    internal bool IsPrinted(PrintedDocument document, PrinterSettings settings) => FindPrinted(FindPrinter(settings), document).Any();

    /// <summary>The documents that a printer has, of those that are asked for, in the order of its jobs.</summary>
    internal static IEnumerable<PrintedDocument> FindPrinted(PrinterProcess printer, params PrintedDocument[] documents)
    {
        foreach (var file in printer.Files.Where(static file => file.EndsWith(".pdf", StringComparison.Ordinal)))
        {
            var path = Path.Combine(printer.Spool, file);
            var alike = documents.Where(document => document.Content.Length == new FileInfo(path).Length).ToArray();
            if (alike.Length > 0 && alike.FirstOrDefault(document => File.ReadAllBytes(path).AsSpan().SequenceEqual(document.Content)) is { } printed)
            {
                yield return printed;
            }
        }
    }

    private static TPeer Require<TPeer>(TPeer? peer)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The scheduler of this system is its own.");
        Peers.Require("cupsd");
        Peers.Require("lpadmin");
        return peer!;
    }

    private Task<PrinterProcess> StartPrinterAsync(bool requiresTls) => PrinterProcess.StartAsync(
        [$"RequireTls={requiresTls}", $"PrintingTime={(requiresTls ? "00:00:00.5" : "00:00:00")}", .. Certificate, .. PrinterSettings.Added.SelectMany(static settings => settings.ToConfiguration())]);
}
