using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;

namespace KestrelTlsUpgrade.Tool.Tests.Interop;

/// <summary>The program in a shell, with outputs that cannot be written.</summary>
public sealed class OutputTests
{
    /// <summary>Upgrades, or serves in clear text, and sends content without an end.</summary>
    private static ScriptedServer StartEndless() => new(async connection =>
    {
        await connection.ReadHeadAsync();
        await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
        while (true)
        {
            await connection.SendAsync(new string('x', 1000));
        }
    });

    /// <summary>Runs the program within a line of the shell, which writes its exit code behind what it writes itself.</summary>
    private static async Task<string> RunAsync(string line)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The shell and its devices are others elsewhere.");
        var (_, output) = await Peers.RunAsync("", "sh", "-c", line.Replace("tls-upgrade", $"dotnet {ToolRun.Program}", StringComparison.Ordinal));
        return output;
    }

    [Theory]
    [InlineData("get")]
    [InlineData("get -i")]
    [InlineData("get -i -v")]
    public async Task Output_ReaderThatHasLeft_EndsAtOnce(string command)
    {
        await using var server = StartEndless();
        var output = await RunAsync($"{{ tls-upgrade {command} --mode on-demand --no-proxy --timeout 600 {server.Uri} 2>&3; echo code $? >&3; }} 3>&2 | head -c 10");
        Assert.Contains("tls-upgrade: standard output cannot be written: Broken pipe\ncode 6\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("get --mode on-demand --no-proxy --timeout 600")]
    [InlineData("head --mode on-demand --no-proxy --timeout 600")]
    [InlineData("probe --timeout 1")]
    [InlineData("probe --timeout 1 --json")]
    [InlineData("--help")]
    [InlineData("--version")]
    public async Task Output_FullDisk_EndsAtOnce(string command)
    {
        await using var server = StartEndless();
        Assert.Equal(
            "tls-upgrade: standard output cannot be written: No space left on device\ncode 6\n",
            await RunAsync($"tls-upgrade {command} {(command.StartsWith('-') ? "" : server.Uri)} 2>&1 >/dev/full; echo code $?"));
    }

    [Fact]
    public async Task Output_Closed_EndsAtOnce() => Assert.EndsWith("code 6\n", await RunAsync("tls-upgrade --version 2>&1 >&-; echo code $?"), StringComparison.Ordinal);

    [Theory]
    [InlineData("/dev/full")]
    [InlineData("&-")]
    public async Task Error_CannotBeWritten_TheExitCodeStays(string error)
    {
        await using var server = await UpgradeServer.StartAsync();
        Assert.Equal("code 64\n", await RunAsync($"tls-upgrade nothing 2>{error}; echo code $?"));
        var output = await RunAsync($"tls-upgrade get -k -v --no-proxy http://localhost:{server.Port}/ 2>{error}; echo code $?");
        Assert.Contains("state=Upgraded", output, StringComparison.Ordinal);
        Assert.EndsWith("code 0\n", output, StringComparison.Ordinal);
    }
}
