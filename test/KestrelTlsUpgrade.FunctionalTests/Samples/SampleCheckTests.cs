using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Samples;

/// <summary>The line at the end of each sample's README that says whether it works.</summary>
public sealed partial class SampleCheckTests
{
    [Theory]
    [InlineData("QuickStart", "--Kestrel:Endpoints:Web:Url=http://127.0.0.1:0")]
    [InlineData("Observability", "--Kestrel:Endpoints:Operations:Url=http://127.0.0.1:0", "--Kestrel:Endpoints:Web:Url=http://127.0.0.2:0")]
    [InlineData("JsonApi", "--Kestrel:Endpoints:Office:Url=http://127.0.0.1:0", "--Kestrel:Endpoints:Administration:Url=http://127.0.0.2:0")]
    [InlineData("IppPrinter", "--Kestrel:Endpoints:Printer:Url=http://127.0.0.1:0")]
    public async Task Command_PrintsWhatItSays(string name, params string[] settings)
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "SampleReadmes", name, "README.md"), TestContext.Current.CancellationToken);
        var check = Check().Match(readme);
        Assert.True(check.Success, name);
        var command = check.Groups[1].Value;
        Peers.Require(command.Split(' ')[0]);
        await using var sample = await SampleProcess.StartAsync(name, settings);
        var port = sample.EndPoints.Single(static endPoint => endPoint.Address.Equals(System.Net.IPAddress.Loopback)).Port;
        var (exitCode, output) = await Peers.RunAsync("", "bash", "-c", Address().Replace(command, $"127.0.0.1:{port}"));
        Assert.Equal((0, check.Groups[2].Value), (exitCode, output.Trim()));
    }

    [GeneratedRegex("## Did it work\\?\n\n```\n(.+)\n```\n\nprints `(.+)`\n$")]
    private static partial Regex Check();

    [GeneratedRegex("localhost:[0-9]+")]
    private static partial Regex Address();
}
