using System.Diagnostics;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;

namespace KestrelTlsUpgrade.Tool.Tests.Interop;

/// <summary>The program on a terminal, which <c>script</c> is.</summary>
public sealed class TerminalTests
{
    private const string AnyColour = "\x1b[38;5;";

    [Theory]
    [InlineData("", true)]
    [InlineData("NO_COLOR=1 ", false)]
    public async Task Probe_OnATerminal_HasColoursUnlessNoColor(string environment, bool hasColours)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "script has other options elsewhere.");
        await using var server = await UpgradeServer.StartAsync();
        var (_, output) = await Peers.RunAsync(
            "", "script", "-qec", $"stty cols 100; TERM=xterm-256color {environment}dotnet {ToolRun.Program} probe -k http://localhost:{server.Port}/", "/dev/null");
        Assert.Contains("close_notify", output, StringComparison.Ordinal);
        Assert.Equal(hasColours, output.Contains(AnyColour, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("probe")]
    [InlineData("get")]
    public async Task Interrupt_OfTheUser_EndsWith130(string command)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There are no signals elsewhere.");
        var asked = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            asked.TrySetResult();
            await connection.ReadToEndAsync();
        });

        // What a shell runs in the background is told to ignore the signal, and so is what that runs.
        using var process = Process.Start(
            new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", ToolRun.Program, command, server.Uri, "--timeout", "60"])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
        try
        {
            await asked.Task.WaitAsync(RawConnection.Patience);
            Process.Start("kill", ["-INT", $"{process.Id}"]).Dispose();
            var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(RawConnection.Patience);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(RawConnection.Patience);
            Assert.Equal((130, ""), (process.ExitCode, error));
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
