using System.Diagnostics;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Programs that others wrote, run for real.</summary>
internal static class Peers
{
    private static readonly bool IsContinuousIntegration = Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>Skips the test where a program is absent, by its name; in CI that is a failure.</summary>
    public static void Require(string program)
    {
        var isThere = Has(program);
        Assert.True(isThere || !IsContinuousIntegration, $"{program} is not installed.");
        Assert.SkipUnless(isThere, $"{program} is not installed.");
    }

    /// <summary>Whether a program is there: for fixtures, which cannot skip the tests that share them.</summary>
    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(directory => File.Exists(Path.Combine(directory, program)));

    /// <summary>Runs a program to its end.</summary>
    /// <param name="input">What it reads. The end of that does not come before its own.</param>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Its exit code, and all that it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string input, string program, params string[] arguments)
    {
        Require(program);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), timeout.Token);
            await process.StandardInput.FlushAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, await output + await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
