using System.Globalization;
using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>
/// The print system of a client: CUPS's scheduler with queues, and the commands that people use. It has no filters, so that a document
/// arrives as it was sent.
/// </summary>
internal sealed partial class PrintSystem : IAsyncDisposable
{
    private readonly PeerProcess _cupsd;
    private readonly GrowingLog _log;

    private PrintSystem(PeerProcess cupsd) => (_cupsd, _log) = (cupsd, new(Path.Combine(cupsd.Home, "error_log")));

    public int Port => _cupsd.Port;

    private string Address => $"127.0.0.1:{_cupsd.Port}";

    public static async Task<PrintSystem> StartAsync() => new(await PeerProcess.StartAsync("cupsd", ConfigureAsync));

    /// <summary>Writes the settings of the programs of CUPS that the scheduler starts. They read them anew for each job.</summary>
    /// <param name="lines">The lines of <c>client.conf</c>.</param>
    public Task ConfigureClientsAsync(params string[] lines) => File.WriteAllLinesAsync(Path.Combine(_cupsd.Home, "root", "client.conf"), lines);

    /// <summary>Forgets the certificates that printers have shown.</summary>
    public void ForgetCertificates()
    {
        if (new DirectoryInfo(Path.Combine(_cupsd.Home, "tmp", ".cups", "ssl")) is { Exists: true } certificates)
        {
            certificates.Delete(recursive: true);
        }
    }

    /// <summary>Adds a queue to a printer that tells what it can do.</summary>
    public async Task AddQueueAsync(string name, string uri) => Assert.True(await TryAddQueueAsync(name, uri), _log.Describe(name));

    /// <summary>Adds a queue, and waits until the scheduler has asked the printer what it can do.</summary>
    /// <returns>Whether the printer has told. If not, there is a queue nevertheless.</returns>
    public async Task<bool> TryAddQueueAsync(string name, string uri)
    {
        await RunAsync("lpadmin", "-h", Address, "-p", name, "-v", uri, "-m", "everywhere", "-E", "-o", "printer-error-policy=retry-job");
        var told = await _log.FindAsync(
            line => line.EndsWith($"Printer \"{name}\" is now available.", StringComparison.Ordinal)
                || (line.StartsWith("E ", StringComparison.Ordinal) && line.Contains($" {name}: ", StringComparison.Ordinal)),
            name);
        return !told.StartsWith("E ", StringComparison.Ordinal);
    }

    /// <summary>Gives a queue another printer, which it takes to be like the one before.</summary>
    public Task MoveQueueAsync(string name, string uri) => RunAsync("lpadmin", "-h", Address, "-p", name, "-v", uri);

    /// <summary>Prints a file.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="file">The file.</param>
    /// <param name="user">Whose job it is.</param>
    /// <param name="title">The name of the job.</param>
    /// <param name="port">Where the scheduler is called, if somebody is in between.</param>
    /// <param name="isEncrypted">Whether the scheduler is called over TLS.</param>
    /// <returns>The number of the job.</returns>
    public async Task<int> PrintAsync(string queue, string file, string user, string title, int? port = null, bool isEncrypted = false)
    {
        string[] encryption = isEncrypted ? ["-E"] : [];
        var output = await RunAsync("lp", [.. encryption, "-h", $"localhost:{port ?? _cupsd.Port}", "-U", user, "-d", queue, "-t", title, file]);
        return int.Parse(RequestId().Match(output).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until a job has been printed.</summary>
    public async Task CompletedAsync(int job) => Assert.Null(await FinishedAsync(job));

    /// <summary>Waits until a job has been printed, or it is known why it cannot be.</summary>
    /// <returns>What the users are told of a job that waits; <see langword="null"/> once it is printed.</returns>
    public async Task<string?> FinishedAsync(int job)
    {
        var name = $"[Job {job}] ";
        var line = await _log.FindAsync(line => line.Contains(name, StringComparison.Ordinal) && Told().IsMatch(line), name);
        var told = Told().Match(line).Groups[1].Value;
        return told is "Job completed." ? null : told;
    }

    /// <summary>Waits until the scheduler has told something of a job.</summary>
    public Task ToldAsync(int job, string text)
    {
        var name = $"[Job {job}] ";
        return _log.FindAsync(line => line.Contains(name, StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal), name);
    }

    /// <summary>Takes back all jobs that wait, and lets a queue that was stopped go on.</summary>
    public async Task ClearAsync(string queue)
    {
        await RunAsync("cancel", "-h", Address, "-a", queue);
        await RunAsync("cupsenable", "-h", Address, queue);
    }

    public async ValueTask DisposeAsync()
    {
        _log.Dispose();
        await _cupsd.DisposeAsync();
    }

    /// <summary>Runs a command, which keeps its settings and certificates where this system has them.</summary>
    private async Task<string> RunAsync(string command, params string[] arguments)
    {
        Peers.Require(command);
        var (exitCode, output) = await Peers.RunAsync("", "env", [$"CUPS_SERVERROOT={_cupsd.Home}/commands", command, .. arguments]);
        Assert.True(exitCode == 0, output);
        return output;
    }

    private static async Task<string[]> ConfigureAsync(PeerProcess peer)
    {
        var arguments = await PeerProcess.ConfigureCupsdAsync(
            peer,
            "LogLevel debug",
            "MaxLogSize 0",
            "WebInterface No",
            "JobRetryInterval 1",
            "JobRetryLimit 1000",
            "<Policy default>",
            "<Limit All>",
            "Order allow,deny",
            "Allow all",
            "</Limit>",
            "</Policy>");
        await File.WriteAllTextAsync(Path.Combine(peer.Home, "error_log"), "");

        // In the place of a filter for PDF, which passes on what it gets.
        await File.WriteAllTextAsync(Path.Combine(peer.Home, "root", "local.convs"), "application/pdf application/vnd.cups-pdf 0 -\n");
        return arguments;
    }

    [GeneratedRegex(@"-(\d+) \(")]
    private static partial Regex RequestId();

    /// <summary>The end of a job, or what is wrong with its printer.</summary>
    [GeneratedRegex("""\[Job \d+\] (?:Set job-printer-state-message to ")?(Job completed\.|Backend returned status \d \([a-z ]+\)|(?:Unable to |The printer is )[^"\n]*)""")]
    private static partial Regex Told();
}
