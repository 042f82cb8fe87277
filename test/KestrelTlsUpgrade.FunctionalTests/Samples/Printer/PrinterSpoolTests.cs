using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Samples.Printer;

/// <summary>Documents of any length, and a disk that does not take them.</summary>
public sealed class PrinterSpoolTests
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>Its length matters to the disk only.</summary>
    [Fact]
    public async Task LongDocument_IsStreamed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The system does not tell the most memory of another process.");
        const long length = 500 * Megabyte;
        await using var printer = await PrinterProcess.StartAsync();
        using var client = new PrinterClient(printer.EndPoint);
        await client.SendAsync(client.Create(IppOperation.PrintJob), PrinterClient.Pdf);
        var before = printer.PeakMemory;
        using var content = new StreamContent(new EndlessDocument(PrinterClient.Encode(client.Create(IppOperation.PrintJob)), length));
        Assert.Equal(IppStatus.Ok, (await client.SendAsync(content)).Status);
        Assert.Equal(length, new FileInfo(Path.Combine(printer.Spool, "00002-1.pdf")).Length);
        Assert.InRange(printer.PeakMemory - before, 0, 64 * Megabyte);
    }

    [Fact]
    public async Task FullDisk_IsATemporaryError_AndLeavesNothing()
    {
        await using var disk = await SmallDisk.MountAsync(Megabyte);
        await using var printer = await PrinterProcess.StartAsync(disk.Path, []);
        using var client = new PrinterClient(printer.EndPoint);
        for (var i = 0; i < 2; i++)
        {
            using var content = new StreamContent(new EndlessDocument(PrinterClient.Encode(client.Create(IppOperation.PrintJob)), 3 * Megabyte));
            Assert.Equal(IppStatus.TemporaryError, (await client.SendAsync(content)).Status);
            Assert.Empty(printer.Files);
            Assert.Empty(await client.GetJobsAsync());
        }

        Assert.Equal(IppStatus.Ok, (await client.SendAsync(client.Create(IppOperation.PrintJob), PrinterClient.Pdf)).Status);
    }

    [Fact]
    public async Task SpoolFolder_ThatIsGone_IsATemporaryError()
    {
        var spool = Directory.CreateTempSubdirectory();
        await using var printer = await PrinterProcess.StartAsync(spool.FullName, []);
        spool.Delete(recursive: true);
        using var client = new PrinterClient(printer.EndPoint);
        Assert.Equal(IppStatus.TemporaryError, (await client.SendAsync(client.Create(IppOperation.PrintJob), PrinterClient.Pdf)).Status);
        spool.Create();
        Assert.Equal(IppStatus.Ok, (await client.SendAsync(client.Create(IppOperation.PrintJob), PrinterClient.Pdf)).Status);
        spool.Delete(recursive: true);
    }

    /// <summary>A file system in memory, which only root may mount.</summary>
    private sealed class SmallDisk : IAsyncDisposable
    {
        private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

        public string Path => _directory.FullName;

        public static async Task<SmallDisk> MountAsync(long size)
        {
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may mount a disk.");
            var disk = new SmallDisk();
            var (exitCode, output) = await Peers.RunAsync("", "mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", disk.Path);
            if (exitCode != 0)
            {
                disk._directory.Delete();
                Assert.Skip($"No disk can be mounted here: {output}");
            }

            return disk;
        }

        public async ValueTask DisposeAsync()
        {
            await Peers.RunAsync("", "umount", Path);
            _directory.Delete(recursive: true);
        }
    }
}
