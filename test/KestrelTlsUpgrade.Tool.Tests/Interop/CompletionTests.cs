using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;

namespace KestrelTlsUpgrade.Tool.Tests.Interop;

/// <summary>The scripts for shells.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("tls-upgrade get --out", "--output")]
    [InlineData("tls-upgrade get http://a.test --mode pre", "preferred")]
    [InlineData("tls-upgrade adv", "advise")]
    [InlineData("tls-upgrade advise http://a.test --st", "--step")]
    public async Task Bash_StartOfAWord_IsCompleted(string line, string expected)
    {
        // As bash calls it: with the line, the place in it, and its words.
        var script = $$"""
            tls-upgrade() { dotnet {{ToolRun.Program}} "$@"; }
            eval "$(tls-upgrade completion bash)"
            COMP_LINE='{{line}}'
            COMP_POINT=${#COMP_LINE}
            COMP_WORDS=($COMP_LINE)
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            complete -p tls-upgrade
            _tls_upgrade
            echo "reply ${COMPREPLY[*]}"
            """;
        var (exitCode, output) = await Peers.RunAsync("", "bash", "-c", script);
        Assert.Equal(0, exitCode);
        Assert.Contains("complete -o default -F _tls_upgrade tls-upgrade", output, StringComparison.Ordinal);
        Assert.EndsWith($"reply {expected}\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _tls_upgrade tls-upgrade")]
    [InlineData("zsh", "compdef _tls_upgrade tls-upgrade")]
    [InlineData("fish", "complete -c tls-upgrade")]
    public async Task Completion_EachShell_HasAScript(string shell, string says)
    {
        var run = await ToolRun.RunAsync("completion", shell);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(says, run.Output, StringComparison.Ordinal);
    }
}
