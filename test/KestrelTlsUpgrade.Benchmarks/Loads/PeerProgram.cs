using System.Diagnostics;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>Programs of others.</summary>
internal static class PeerProgram
{
    /// <summary>Whether it can be started by its name.</summary>
    public static bool Exists(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(directory => File.Exists(Path.Combine(directory, program)));

    /// <summary>Runs it to its end. Returns what it wrote.</summary>
    /// <exception cref="InvalidDataException">It failed.</exception>
    public static async Task<string> RunAsync(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidDataException($"{program} failed: {await error}");
    }
}
