using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Samples;

/// <summary>A sample, run as it is but for its ports.</summary>
internal sealed partial class SampleProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<IPEndPoint> _endPoints = [];
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task<string> _errors;
    private Task _output = Task.CompletedTask;

    private SampleProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    /// <summary>Where it listens, in no order.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => _endPoints;

    /// <summary>What it has written to the console since it has started.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    public int Id => _process.Id;

    /// <summary>The port of a sample with one endpoint.</summary>
    public int Port => Assert.Single(_endPoints).Port;

    /// <summary>Starts a sample that has been built along with the tests, and waits until it has started.</summary>
    /// <param name="name">The sample's name.</param>
    /// <param name="settings">Settings over its own, as command-line arguments.</param>
    /// <exception cref="InvalidOperationException">It ended without having started. The message has its errors.</exception>
    public static async Task<SampleProcess> StartAsync(string name, params string[] settings)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory);
        var directory = Path.Combine(configuration.Parent!.Parent!.FullName, name, configuration.Name);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(directory, $"{name}.dll"), .. settings])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information" },
        };
        var sample = new SampleProcess(start);
        try
        {
            await sample.ListensAsync();
            return sample;
        }
        catch
        {
            await sample.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it to stop, as whoever runs a service does, and returns its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        Process.Start("kill", ["-TERM", $"{_process.Id}"]).Dispose();
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    /// <summary>Ends it without a word, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _output;
        await _errors;
        _process.Dispose();
    }

    private async Task ListensAsync()
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        for (var hasStarted = false; !hasStarted;)
        {
            var line = await _process.StandardOutput.ReadLineAsync(timeout.Token)
                ?? throw new InvalidOperationException($"{_process.StartInfo.ArgumentList[0]} ended without having started. {await _errors}");
            if (Listening().Match(line) is { Success: true } match)
            {
                _endPoints.Add(IPEndPoint.Parse(match.Groups[1].ValueSpan));
            }

            hasStarted = line.Contains("Application started.", StringComparison.Ordinal);
        }

        _output = KeepLinesAsync();
    }

    private async Task KeepLinesAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            _lines.Enqueue(line);
        }
    }

    [GeneratedRegex("Now listening on: https?://(.+)")]
    private static partial Regex Listening();
}
