using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>curl, which knows nothing of upgrades, on both schemes of the one port.</summary>
public sealed class CurlTests
{
    [Theory]
    [InlineData("http", "", "scheme=http state=Plaintext")]
    [InlineData("https", "", "scheme=https state=DirectTls")]
    [InlineData("https", "--http2", "scheme=https state=DirectTls")]
    [InlineData("https", "--http1.1", "https only over HTTP/2")]
    [InlineData("https", "--no-alpn", "https only over HTTP/2")]
    public async Task Http2Only_Curl_ServedOrToldWhy(string scheme, string option, string expected)
    {
        await using var server = await UpgradeServer.StartAsync();
        var (exitCode, output) = await RunAsync(server, scheme, option);
        Assert.True(exitCode == 0, output);
        Assert.Contains(expected, output);
    }

    [Theory]
    [InlineData("--http1.1")]
    [InlineData("--no-alpn")]
    public async Task Any_CurlWithHttp1_Served(string option)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        var (exitCode, output) = await RunAsync(server, "https", option);
        Assert.True(exitCode == 0, output);
        Assert.Contains("scheme=https state=DirectTls", output);
    }

    private static Task<(int ExitCode, string Output)> RunAsync(UpgradeServer server, string scheme, string option) => Peers.RunAsync(
        "", "curl", [.. new[] { "-sSk", option }.Where(argument => argument.Length > 0), $"{scheme}://localhost:{server.Port}/x"]);
}
