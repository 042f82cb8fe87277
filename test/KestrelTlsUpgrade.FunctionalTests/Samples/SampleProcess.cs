using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Samples;

/// <summary>A sample, run as it is but for its port.</summary>
internal sealed partial class SampleProcess : IAsyncDisposable
{
    private readonly Process _process;
    private Task _output = Task.CompletedTask;

    private SampleProcess(ProcessStartInfo start) => _process = Process.Start(start)!;

    public int Port { get; private set; }

    /// <summary>Starts a sample that has been built along with the tests, and waits until it listens.</summary>
    /// <param name="name">The sample's name.</param>
    /// <param name="settings">Settings over its own, as command-line arguments.</param>
    public static async Task<SampleProcess> StartAsync(string name, params string[] settings)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory);
        var directory = Path.Combine(configuration.Parent!.Parent!.FullName, name, configuration.Name);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(directory, $"{name}.dll"), .. settings])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
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

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _output;
        _process.Dispose();
    }

    private async Task ListensAsync()
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        while (Port == 0)
        {
            var line = await _process.StandardOutput.ReadLineAsync(timeout.Token)
                ?? throw new InvalidOperationException($"{_process.StartInfo.ArgumentList[0]} ended without listening.");
            if (Listening().Match(line) is { Success: true } match)
            {
                Port = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            }
        }

        _output = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
    }

    [GeneratedRegex(@"Now listening on: http://[^:]+:(\d+)")]
    private static partial Regex Listening();
}
