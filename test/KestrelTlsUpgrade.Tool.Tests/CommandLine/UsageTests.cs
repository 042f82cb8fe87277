using KestrelTlsUpgrade.Tool.Tests.Support;

namespace KestrelTlsUpgrade.Tool.Tests.CommandLine;

public sealed class UsageTests
{
    [Theory]
    [InlineData("--help", "probe")]
    [InlineData("probe --help", "--json")]
    [InlineData("get --help", "--request")]
    [InlineData("head --help", "--cacert")]
    [InlineData("options --help", "--asterisk")]
    [InlineData("advise --help", "--step")]
    public async Task Help_IsNoError(string arguments, string says)
    {
        var run = await ToolRun.RunAsync(arguments.Split(' '));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(says, run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Required command")]
    [InlineData("nothing", "nothing")]
    [InlineData("probe", "Required argument missing for command: 'probe'")]
    [InlineData("probe --nothing http://a.test", "Unknown option '--nothing'")]
    [InlineData("probe https://a.test/", "'https://a.test/' is not an http:// URL")]
    [InlineData("probe http://", "is not an http:// URL")]
    [InlineData("probe http://a.test --timeout 0", "'0' is no timeout")]
    [InlineData("probe http://a.test --timeout x", "'x' is no timeout")]
    [InlineData("probe http://a.test --timeout -1", "is no timeout")]
    [InlineData("probe http://a.test --timeout 86401", "is no timeout")]
    [InlineData("get", "Required argument missing for command: 'get'")]
    [InlineData("get ftp://a.test/", "is not an http:// or https:// URL")]
    [InlineData("get http://name:secret@a.test/", "a name and password in the URL are not sent")]
    [InlineData("get http://a.test --mode sometimes", "sometimes")]
    [InlineData("get http://a.test -H nocolon", "'nocolon' is not a field")]
    [InlineData("get http://a.test -H :x", "':x' is not a field")]
    [InlineData("get http://a.test -H Content-Type:text/plain", "Content-Type is a field of content")]
    [InlineData("get http://a.test -X B@D", "'B@D' is not a method")]
    [InlineData("get http://a.test -X CONNECT", "CONNECT cannot be sent")]
    [InlineData("get http://a.test --key x", "--key and --password are for a client certificate")]
    [InlineData("get http://a.test --password x", "--key and --password are for a client certificate")]
    [InlineData("get http://a.test --proxy ftp://p", "'ftp://p' is not the URL of a proxy")]
    [InlineData("get http://a.test --proxy p --no-proxy", "do not go together")]
    [InlineData("head http://a.test -d x", "-d")]
    [InlineData("options http://a.test -X GET", "-X")]
    [InlineData("options http://a.test/x --asterisk", "--asterisk is for the server")]
    [InlineData("prob http://a.test", "Did you mean 'probe'?")]
    [InlineData("gett", "Did you mean 'get'?")]
    [InlineData("completoin bash", "Did you mean 'completion'?")]
    [InlineData("--versoin", "tls-upgrade: Unknown option '--versoin'. Did you mean '--version'? (see tls-upgrade --help)")]
    [InlineData("probe --jsn http://a.test", "tls-upgrade: Unknown option '--jsn'. Did you mean '--json'? (see tls-upgrade probe --help)")]
    [InlineData("get --hedaer X:1 http://a.test", "tls-upgrade: Unknown option '--hedaer'. Did you mean '--header'? (see tls-upgrade get --help)")]
    [InlineData("get http://a.test --prxy=http://p", "tls-upgrade: Unknown option '--prxy=http://p'. Did you mean '--proxy'? (see tls-upgrade get --help)")]
    [InlineData("get http://a.test --zzz", "tls-upgrade: Unknown option '--zzz'. (see tls-upgrade get --help)")]
    [InlineData("get http://a.test --mode x", "tls-upgrade: 'x' is no mode: required, preferred or on-demand. (see tls-upgrade get --help)")]
    [InlineData("get http://a.test --mode requierd", "Did you mean 'required'?")]
    [InlineData("get http://a.test -H Host:", "Host cannot be left out")]
    [InlineData("get http://a.test -d x -H content-length:", "content-length cannot be left out")]
    [InlineData("get http://a.test -H ;", "';' is not a field")]
    [InlineData("get a.test:1?u=ftp://b --proxy b?u=ftp://c --no-proxy", "do not go together")]
    [InlineData("advise", "Required argument missing for command: 'advise'")]
    [InlineData("advise ftp://a.test/", "is not an http:// or https:// URL")]
    [InlineData("advise http://a.test --step Enforce", "'Enforce' is no step: a setting and its value, such as Requirement=Enforce")]
    [InlineData("advise http://a.test --step =Enforce", "'=Enforce' is no step")]
    [InlineData("advise http://a.test --step Requirement=", "'Requirement=' is no step")]
    [InlineData("advise http://a.test -d x", "-d")]
    [InlineData("advise http://a.test --key x", "--key and --password are for a client certificate")]
    [InlineData("advise http://a.test --jsn", "Did you mean '--json'?")]
    [InlineData("advice http://a.test", "Did you mean 'advise'?")]
    [InlineData("completion tcsh", "'tcsh' is no shell that is known here: bash, zsh, fish")]
    public async Task Usage_Wrong_Is64AndALine(string arguments, string says) =>
        (await ToolRun.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))).AssertFailed(64, says);

    [Theory]
    [InlineData("probe", "3    no connection, or the server does not speak HTTP", "tls-upgrade probe http")]
    [InlineData("get", "22   --fail, and a status of 400 or more", "tls-upgrade get http")]
    [InlineData("head", "5    no complete response", "tls-upgrade head http")]
    [InlineData("options", "130  ended by the user", "tls-upgrade options --asterisk http")]
    [InlineData("advise", "2    the step breaks callers", "tls-upgrade advise http")]
    public async Task Help_HasExitCodesAndExamples(string command, string code, string example)
    {
        var help = (await ToolRun.RunAsync(command, "--help")).Output;
        Assert.Contains("Exit codes:", help, StringComparison.Ordinal);
        Assert.Contains($"  {code}", help, StringComparison.Ordinal);
        Assert.Contains($"Examples:\n  {example}", help.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_HaveNoEscapes() =>
        Assert.DoesNotContain("\\u", (await ToolRun.RunAsync("get", "http://a.test", "--mode", "x", "extra")).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("probe http://a.test --cacert {0}", "cannot be loaded")]
    [InlineData("get http://a.test --cacert {0}", "cannot be loaded")]
    [InlineData("get http://a.test --cert {0}", "cannot be loaded")]
    [InlineData("get http://a.test -d @{0}", "cannot be read")]
    public async Task Usage_FileThatIsNotThere_Is6AndALine(string arguments, string says)
    {
        using var files = new TempFiles();
        (await ToolRun.RunAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, arguments, files["absent"]).Split(' '))).AssertFailed(6, says);
    }

    [Theory]
    [InlineData("--cacert", "has no certificate in PEM")]
    [InlineData("--cert", "cannot be loaded")]
    public async Task Usage_FileOfSomethingElse_Is6AndALine(string option, string says)
    {
        using var files = new TempFiles();
        (await ToolRun.RunAsync("get", "http://a.test", option, files.Write("text", "hello"))).AssertFailed(6, says);
    }

    [Fact]
    public async Task Version_AsAProcess_IsThePackages()
    {
        var run = await ToolRun.RunProcessAsync("--version");
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith(ToolVersion.Number, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_AsAProcess_TheSame() => (await ToolRun.RunProcessAsync("probe", "https://a.test/")).AssertFailed(64, "not an http:// URL");
}
