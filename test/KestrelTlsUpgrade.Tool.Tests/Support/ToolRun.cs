using System.Diagnostics;
using System.Text;
using System.Text.Json;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.CommandLine;

namespace KestrelTlsUpgrade.Tool.Tests.Support;

/// <summary>What the program did with a command line.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    /// <summary>Where it is built, with all that it needs and nothing else.</summary>
    public static readonly string Program = Path.Combine(
        AppContext.BaseDirectory, "..", "..", "KestrelTlsUpgrade.Tool", Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)), "tls-upgrade.dll");

    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Runs it in this process.</summary>
    public static Task<ToolRun> RunAsync(params string[] arguments) => RunAsync([], arguments);

    /// <summary>Runs it in this process, with an input.</summary>
    public static async Task<ToolRun> RunAsync(byte[] input, params string[] arguments)
    {
        using var output = new MemoryStream();
        await using var text = new StreamWriter(output, new UTF8Encoding(false)) { AutoFlush = true };
        await using var error = new StringWriter();
        var exitCode = await ToolProgram.RunAsync(arguments, new ToolConsole(text, error, output, new MemoryStream(input)))
            .WaitAsync(RawConnection.Patience);
        return new ToolRun(exitCode, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    /// <summary>Runs it as a process of its own.</summary>
    public static Task<ToolRun> RunProcessAsync(params string[] arguments) => RunProcessAsync(static _ => { }, arguments);

    public static async Task<ToolRun> RunProcessAsync(Action<IDictionary<string, string?>> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        environment(start.Environment);
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return new ToolRun(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Fails unless the error is one line for people, and nothing else was written.</summary>
    public ToolRun AssertFailed(int exitCode, string says)
    {
        Assert.Equal((exitCode, ""), (ExitCode, Output));
        var line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("tls-upgrade: ", line, StringComparison.Ordinal);
        Assert.Contains(says, line, StringComparison.Ordinal);
        return this;
    }

    /// <summary>The codes of a probe's findings.</summary>
    public string[] Findings => [.. Json.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("code").GetString()!)];

    /// <summary>A member of a list of a probe's results, by one of its properties.</summary>
    public JsonElement Find(string list, string property, string value) =>
        Json.GetProperty(list).EnumerateArray().First(item => item.GetProperty(property).GetString() == value);
}
