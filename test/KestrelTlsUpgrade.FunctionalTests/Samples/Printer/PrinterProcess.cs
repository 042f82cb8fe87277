using System.Globalization;
using System.Net;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Samples.Printer;

/// <summary>The printer, with a spool folder of its own, and a second endpoint for https alone.</summary>
internal sealed class PrinterProcess : IAsyncDisposable
{
    private readonly SampleProcess _process;
    private readonly CertificateFiles _files;

    private PrinterProcess(SampleProcess process, string spool, CertificateFiles files) => (_process, Spool, _files) = (process, spool, files);

    /// <summary>Where the documents are put.</summary>
    public string Spool { get; }

    /// <summary>In clear text and with upgrades.</summary>
    public IPEndPoint EndPoint => Find("127.0.0.1");

    /// <summary>With TLS from the first octet.</summary>
    public IPEndPoint Https => Find("127.0.0.2");

    public IReadOnlyCollection<string> Log => _process.Lines;

    /// <summary>The names of all files in the spool folder, hidden ones included, but for the one with the number of the last job.</summary>
    public IReadOnlyList<string> Files => [.. Directory.EnumerateFiles(Spool).Select(static file => Path.GetFileName(file)).Where(static name => name is not ".last-job").Order()];

    /// <summary>Starts it.</summary>
    /// <param name="settings">Settings of the section <c>Printer</c>, as <c>Name=value</c>, or others with their whole names.</param>
    public static Task<PrinterProcess> StartAsync(params string[] settings) => StartAsync(null, settings);

    /// <summary>Starts it with a spool folder that outlives it.</summary>
    public static async Task<PrinterProcess> StartAsync(string? spool, string[] settings)
    {
        var files = new CertificateFiles();
        spool ??= files.GetPath("spool");
        try
        {
            return new(
                await SampleProcess.StartAsync(
                    "IppPrinter",
                    [
                        "--Kestrel:Endpoints:Printer:Url=http://127.0.0.1:0",
                        "--Kestrel:Endpoints:Ipps:Url=https://127.0.0.2:0",
                        $"--Kestrel:Endpoints:Ipps:Certificate:Path={files.WritePem("ipps.crt", TestCertificates.Other)}",
                        $"--Kestrel:Endpoints:Ipps:Certificate:KeyPath={files.WriteKey("ipps.key", TestCertificates.Other)}",
                        $"--Printer:Spool={spool}",
                        .. settings.Select(static setting => setting.Split('=')[0].Contains(':', StringComparison.Ordinal)
                            ? "--" + setting
                            : "--Printer:" + setting),
                    ]),
                spool,
                files);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>The most memory that it has had, in octets.</summary>
    public long PeakMemory
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").Single(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
    }

    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _files.Dispose();
    }

    /// <summary>An endpoint by its address.</summary>
    public IPEndPoint Find(string address) => _process.EndPoints.Single(endPoint => endPoint.Address.Equals(IPAddress.Parse(address)));
}
