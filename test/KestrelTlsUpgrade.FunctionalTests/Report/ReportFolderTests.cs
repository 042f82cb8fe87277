using System.Text;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using KestrelTlsUpgrade.Report.Internal.Keeping;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>The counts in the owner's folder.</summary>
public sealed class ReportFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("report-folder-").FullName;

    public string File => Path.Combine(_folder, "tls-upgrade-report.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Counts_SurviveARestart()
    {
        DateTimeOffset since;
        await using (var server = await StartAsync())
        {
            await CallAsync(server, "till/2");
            await CallAsync(server, "till/2");
            Assert.Equal(101, await SendAsync(server, Request(fields: "User-Agent: confused/1\r\n")));
            await ReportServer.UntilAsync(server, static report => report.Hour.Connections.Failed == 1);
            since = ReportServer.Read(server).Since;
        }

        Assert.True(System.IO.File.Exists(File));
        await using var next = await StartAsync();
        Assert.DoesNotContain(next.Log.Lines, static line => line.Id.Name is "HistoryNotRead");
        var report = ReportServer.Read(next);
        Assert.Equal(since, report.Since);
        Assert.Equal((2, 1), (report.Hour.Requests.Plaintext, report.Hour.Connections.Failed));
        Assert.Equal(
            ["confused/1 0 1 True", "till/2 2 0 False"],
            report.Callers.All.Select(static caller => $"{caller.Product} {caller.Plaintext} {caller.FailedUpgrades} {caller.OffersUpgrade}").Order());
        var till = report.Callers.All.Single(static caller => caller.Product is "till/2");
        Assert.Equal(2, Assert.Single(till.Resources).WouldBe["426"]);
        Assert.Single(report.Callers.All.Single(static caller => caller.Product is "confused/1").Failures);
        await CallAsync(next, "till/2");
        Assert.Equal(3, ReportServer.Read(next).Callers.All[0].Plaintext);
    }

    /// <summary>What would be answered depends on the settings, also on those from before a restart.</summary>
    [Fact]
    public async Task Restart_WithOtherSettings_BeginsAnEra()
    {
        await using (var server = await StartAsync())
        {
            await CallAsync(server, "till/2");
        }

        await using var next = await StartAsync(static options => options.Offers = TlsUpgradeOffers.None);
        var report = ReportServer.Read(next);
        Assert.True(report.SettingsSince > report.Since);
        Assert.Empty(Assert.Single(Assert.Single(report.Callers.All).Resources).WouldBe);
        Assert.Equal(1, report.Callers.All[0].Plaintext);
    }

    [Fact]
    public async Task Counts_AreWrittenEachMinute_IfThereAreNewOnes()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await StartAsync(services: services => services.SetServerClock(clock));
        await CallAsync(server, "till/2");
        Assert.False(System.IO.File.Exists(File));
        clock.Advance(TimeSpan.FromMinutes(1));
        await Settling.UntilAsync(() => System.IO.File.Exists(File), static () => "no file");
        var keeper = server.Services.GetRequiredService<ReportKeeper>();
        keeper.Save();
        var written = System.IO.File.GetLastWriteTimeUtc(File);
        keeper.Save();
        Assert.Equal(written, System.IO.File.GetLastWriteTimeUtc(File));
        await CallAsync(server, "till/2");
        System.IO.File.Delete(File);
        keeper.Save();
        Assert.True(System.IO.File.Exists(File));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("not ours")]
    [InlineData("""{"format":"KestrelTlsUpgrade.Report"}""")]
    [InlineData("""{"format":"other","version":1,"since":"2030-01-01T00:00:00Z","rules":{"since":"2030-01-01T00:00:00Z"},"certificates":{"since":"2030-01-01T00:00:00Z"},"displaced":0,"displacedDirectTls":0,"callers":[],"directCallers":[],"minutes":[]}""")]
    [InlineData("""{"format":"KestrelTlsUpgrade.Report","version":2,"since":"2030-01-01T00:00:00Z","rules":{"since":"2030-01-01T00:00:00Z"},"certificates":{"since":"2030-01-01T00:00:00Z"},"displaced":0,"displacedDirectTls":0,"callers":[],"directCallers":[],"minutes":[]}""")]
    [InlineData("""{"format":"KestrelTlsUpgrade.Report","version":1,"since":"2030-01-01T00:00:00Z","rules":{"since":"2030-01-01T00:00:00Z"},"certificates":{"since":"2030-01-01T00:00:00Z"},"displaced":0,"displacedDirectTls":0,"callers":[null],"directCallers":[],"minutes":[]}""")]
    [InlineData("""{"format":"KestrelTlsUpgrade.Report","version":1,"since":"2030-01-01T00:00:00Z","rules":{"since":"2030-01-01T00:00:00Z"},"certificates":{"since":"2030-01-01T00:00:00Z"},"displaced":0,"displacedDirectTls":0,"callers":[],"directCallers":[],"minutes":[{"number":-1,"counts":{}}]}""")]
    public async Task File_ThatIsNotOurs_CostsTheHistory_AndIsPutAside(string content)
    {
        System.IO.File.WriteAllText(File, content);
        await using (var server = await StartAsync())
        {
            var line = Assert.Single(server.Log.Lines, static line => line.Id.Name is "HistoryNotRead");
            Assert.Equal(LogLevel.Warning, line.Level);
            Assert.Contains(File, line.Message);
            Assert.Empty(ReportServer.Read(server).Callers.All);
            await CallAsync(server, "till/2");
        }

        Assert.Equal(content, System.IO.File.ReadAllText($"{File}.unreadable"));
        await using var next = await StartAsync();
        Assert.DoesNotContain(next.Log.Lines, static line => line.Id.Name is "HistoryNotRead");
        Assert.Equal("till/2", Assert.Single(ReportServer.Read(next).Callers.All).Product);
    }

    [Fact]
    public async Task File_TooLarge_CostsTheHistory()
    {
        using (var file = System.IO.File.Create(File))
        {
            file.SetLength(ReportFile.MaxLength + 1L);
        }

        await using var server = await StartAsync();
        Assert.Contains("larger than", Assert.Single(server.Log.Lines, static line => line.Id.Name is "HistoryNotRead").Exception!.Message);
        await CallAsync(server, "till/2");
        Assert.Single(ReportServer.Read(server).Callers.All);
    }

    /// <summary>Whatever an octet of it becomes, the start does not fail.</summary>
    [Fact]
    public async Task File_Damaged_NeverFailsTheStart()
    {
        await using (var server = await StartAsync())
        {
            await CallAsync(server, "till/2");
        }

        var content = System.IO.File.ReadAllBytes(File);
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var damaged = content[..(i % 3 == 0 ? random.Next(content.Length) : content.Length)];
            for (var j = 0; damaged.Length > 0 && j < 1 + (i % 4); j++)
            {
                damaged[random.Next(damaged.Length)] = (byte)"0123456789-\"{}[],x\0"[random.Next(19)];
            }

            System.IO.File.WriteAllBytes(File, damaged);
            var collector = new ReportCollector(TimeProvider.System);
            collector.Start();
            using var file = new ReportFile(_folder);
            try
            {
                if (file.Read() is { } kept)
                {
                    KeptReportMapper.GiveBack(kept, collector);
                }
            }
            catch (Exception exception) when (exception is InvalidDataException or System.Text.Json.JsonException or ArgumentException or FormatException)
            {
                // ReportKeeper tells this, whatever it is.
            }

            Assert.True(collector.Callers.All.Count <= CallerTable.Capacity);
        }
    }

    [Fact]
    public async Task Folder_ThatCannotBeWritten_IsToldOnce_AndServesOn()
    {
        // A file stands where the folder should be: nobody can write there, not even root.
        var taken = Path.Combine(_folder, "taken");
        System.IO.File.WriteAllText(taken, "");
        await using var server = await StartAsync(folder: taken);
        var keeper = server.Services.GetRequiredService<ReportKeeper>();
        keeper.Save();
        keeper.Save();
        var line = Assert.Single(server.Log.Lines, static line => line.Id.Name is "HistoryNotWritten");
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains(taken, line.Message);
        await CallAsync(server, "till/2");
        Assert.Single(ReportServer.Read(server).Callers.All);
    }

    [Fact]
    public async Task Folder_OfTwoProcesses_IsWrittenByOne()
    {
        await using var other = await StartAsync();
        await using (var server = await StartAsync())
        {
            var keeper = server.Services.GetRequiredService<ReportKeeper>();
            await CallAsync(server, "first/1");
            keeper.Save();
            var content = System.IO.File.ReadAllText(File);
            await CallAsync(other, "second/1");
            other.Services.GetRequiredService<ReportKeeper>().Save();
            Assert.Contains(File, Assert.Single(other.Log.Lines, static line => line.Id.Name is "HistoryNotWritten").Message);
            Assert.Equal(content, System.IO.File.ReadAllText(File));
        }

        // The first one has ended, and the other takes its place.
        other.Services.GetRequiredService<ReportKeeper>().Save();
        Assert.Contains("second/1", System.IO.File.ReadAllText(File));
    }

    [Fact]
    public async Task Folder_OfARelativePath_IsUnderTheContentRoot_AndIsCreated()
    {
        var folder = Path.GetRelativePath(Directory.GetCurrentDirectory(), Path.Combine(_folder, "a", "b"));
        await using var server = await StartAsync(folder: folder);
        server.Services.GetRequiredService<ReportKeeper>().Save();
        var root = server.Services.GetRequiredService<IHostEnvironment>().ContentRootPath;
        var path = Path.GetFullPath(Path.Combine(folder, "tls-upgrade-report.json"), root);
        Assert.True(System.IO.File.Exists(path), path);
    }

    [Fact]
    public async Task WithoutAFolder_NothingIsWritten()
    {
        await using var server = await ReportServer.StartAsync(upgrade: static options => options.Requirement = TlsUpgradeRequirement.ReportOnly);
        await CallAsync(server, "till/2");
        server.Services.GetRequiredService<ReportKeeper>().Save();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        Assert.Contains("counted since", await ReadPageAsync(server));
    }

    /// <summary>Addresses are for those whom the policy lets in, and a file knows no policy.</summary>
    [Fact]
    public async Task Addresses_AreNotWritten()
    {
        await using (var server = await StartAsync(addressPolicy: "privacy"))
        {
            await CallAsync(server, "till/2");
        }

        Assert.DoesNotContain("127.0.0.1\"", System.IO.File.ReadAllText(File, Encoding.UTF8));
        Assert.Contains("127.0.0.0/24", System.IO.File.ReadAllText(File, Encoding.UTF8));
    }

    private Task<UpgradeServer> StartAsync(
        Action<TlsUpgradeOptions>? upgrade = null, Action<IServiceCollection>? services = null, string? folder = null, string? addressPolicy = null) =>
        ReportServer.StartAsync(
            services: all =>
            {
                services?.Invoke(all);
                all.AddAuthorizationBuilder().AddPolicy("privacy", static policy => policy.RequireAuthenticatedUser());
                all.AddTlsUpgradeReport(options => (options.Folder, options.AddressPolicy) = (folder ?? _folder, addressPolicy));
            },
            upgrade: upgrade ?? (static options => options.Requirement = TlsUpgradeRequirement.ReportOnly));

    private static async Task CallAsync(UpgradeServer server, string product) =>
        Assert.Equal(200, await SendAsync(server, $"GET /secret HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {product}\r\n\r\n"));

    private static async Task<int> SendAsync(UpgradeServer server, string request)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(request);
        return (await connection.ReadResponseAsync()).Status;
    }

    private static async Task<string> ReadPageAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /tls?format=html HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return (await connection.ReadResponseAsync()).Content;
    }
}
